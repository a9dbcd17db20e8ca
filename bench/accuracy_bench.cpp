/// How well the face models tell people apart, on a set of labelled pictures.
///
///     accuracy_bench SET [--models DIR] [--embedder NAME] [--det-size PX] [--least S] [--most S]
///
/// SET/manifest.csv names the pictures of SET/images: file,identity,source,faces, as
/// tools/models/face_set.py writes it. Of a labelled picture the largest face counts. Exit 1
/// where a face is missing, a genuine pair is under --least or an impostor pair over --most.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "vision/faces.hpp"
#include "vision/image.hpp"

namespace vedette {
namespace {

struct Picture {
  std::string file, person;
  int faces = 0;  ///< in it; under 1 where unknown
  vision::Embedding embedding;
};

struct Pair {
  double similarity = 0;
  const Picture *a = nullptr, *b = nullptr;
};

std::vector<Picture> read_manifest(const std::string& set) {
  std::ifstream manifest(set + "/manifest.csv");
  std::vector<Picture> pictures;
  std::string line;
  std::getline(manifest, line);  // names of the columns
  while (std::getline(manifest, line)) {
    if (line.ends_with('\r')) line.pop_back();
    std::istringstream fields(line);
    Picture picture;
    std::string source, faces;
    std::getline(fields, picture.file, ',');
    std::getline(fields, picture.person, ',');
    std::getline(fields, source, ',');
    std::getline(fields, faces, ',');
    picture.faces = std::stoi(faces);
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

Result<cv::Mat> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const auto bytes = std::make_shared<const vision::Bytes>(
      vision::Bytes(std::istreambuf_iterator<char>(file), {}));
  const auto image = vision::Image::from_encoded(bytes);
  return image ? (*image)->pixels() : fail(image.error());
}

/// returns  whether the number of faces is the one that the manifest tells
bool look(const vision::FaceModels& models, const std::string& set, Picture& picture) {
  const auto pixels = read(set + "/images/" + picture.file);
  const auto faces = pixels ? models.detect(*pixels) : fail(pixels.error());
  if (!faces) {
    fmt::print("{}: {}\n", picture.file, faces.error().what);
    return false;
  }
  if (!picture.person.empty() && !faces->empty()) {
    if (auto made = models.embed(*pixels, faces->front())) picture.embedding = *std::move(made);
  }
  const bool right = picture.faces > 0 ? faces->size() == static_cast<std::size_t>(picture.faces)
                                       : picture.person.empty() || !faces->empty();
  if (!right) {
    fmt::print("{}: {} faces, {} expected\n", picture.file, faces->size(), picture.faces);
  }
  return right;
}

void print_worst(const char* title, std::span<const Pair> pairs) {
  fmt::print("{}\n", title);
  for (const Pair& pair : pairs.first(std::min<std::size_t>(pairs.size(), 5))) {
    fmt::print("  {:.4f}  {}  {}\n", pair.similarity, pair.a->file, pair.b->file);
  }
}

/// The share of genuine pairs that are told to be so where `rate` of the impostor pairs are too.
/// Both sorted: genuine upwards, impostor downwards.
void print_acceptance(std::span<const Pair> genuine, std::span<const Pair> impostor, double rate) {
  const auto allowed = static_cast<std::size_t>(rate * static_cast<double>(impostor.size()));
  const double threshold = allowed < impostor.size() ? impostor[allowed].similarity : 0;
  const auto accepted =
      std::ranges::count_if(genuine, [&](const Pair& pair) { return pair.similarity > threshold; });
  fmt::print("TAR at FAR {:g}: {:.4f} (over {:.4f}; {} impostor pairs let in)\n", rate,
             static_cast<double>(accepted) / static_cast<double>(genuine.size()), threshold,
             allowed);
}

int evaluate(const vision::FaceModels& models, const std::string& set, double least, double most) {
  auto pictures = read_manifest(set);
  int wrong = 0;
  for (Picture& picture : pictures) wrong += look(models, set, picture) ? 0 : 1;

  std::vector<Pair> genuine, impostor;
  for (auto a = pictures.begin(); a != pictures.end(); ++a) {
    for (auto b = a + 1; b != pictures.end(); ++b) {
      if (a->embedding.empty() || b->embedding.empty()) continue;
      const double similarity = models.similarity(models.distance(a->embedding, b->embedding));
      (a->person == b->person ? genuine : impostor).push_back({similarity, &*a, &*b});
    }
  }
  std::ranges::sort(genuine, std::less{}, &Pair::similarity);
  std::ranges::sort(impostor, std::greater{}, &Pair::similarity);
  fmt::print("{}: {} pictures, {} genuine pairs, {} impostor pairs, {} with the wrong faces\n",
             models.embedder(), pictures.size(), genuine.size(), impostor.size(), wrong);
  if (genuine.empty() || impostor.empty()) return 1;
  print_worst("genuine pairs, least alike first", genuine);
  print_worst("impostor pairs, most alike first", impostor);
  for (const double rate : {1e-2, 1e-3, 0.0}) print_acceptance(genuine, impostor, rate);
  const bool apart = genuine.front().similarity >= least && impostor.front().similarity <= most;
  return wrong == 0 && apart ? 0 : 1;
}

}  // namespace
}  // namespace vedette

int main(int argc, char** argv) {
  CLI::App app("Measures how well the face models tell people apart");
  std::string set;
  vedette::vision::FaceSettings settings{.models = VEDETTE_PROJECT "/models"};
  double least = 0;
  double most = 1;
  app.add_option("set", set, "folder with manifest.csv and images/")->required();
  app.add_option("--models", settings.models, "folder of the models");
  app.add_option("--embedder", settings.embedder, "dlib-resnet or fr_feature");
  app.add_option("--det-size", settings.det_size, "longer side of what the detector sees, px");
  app.add_option("--least", least, "every genuine pair must be at least as similar");
  app.add_option("--most", most, "no impostor pair may be more similar");
  CLI11_PARSE(app, argc, argv);
  const auto models = vedette::vision::load_face_models(settings);
  if (!models) {
    fmt::print(stderr, "{}\n", models.error().what);
    return 1;
  }
  return vedette::evaluate(**models, set, least, most);
}
