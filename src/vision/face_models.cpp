#include <algorithm>
#include <condition_variable>
#include <malloc.h>
#include <mutex>

#include "vision/embedder.hpp"
#include "vision/faces.hpp"
#include "vision/yunet.hpp"

namespace vedette::vision {
namespace {

constexpr std::string_view yunet_file = "face_detection_yunet_2023mar.onnx";

/// A network's sessions, lent to one thread each; who finds none left waits.
class SessionPool {
 public:
  /// fails  as load_network()
  static Result<std::unique_ptr<SessionPool>> open(const std::string& path,
                                                   const TensorShape& usual, std::size_t streams) {
    const auto network = load_network(path, {.usual = usual, .streams = streams});
    if (!network) return fail(network.error());
    auto pool = std::make_unique<SessionPool>();
    for (std::size_t i = 0; i < streams; ++i) {
      auto session = (*network)->open();
      if (!session) return fail(std::move(session).error());
      if (const auto warm = run_once(**session, usual); !warm) return fail(warm.error());
      pool->idle_.push_back(*std::move(session));
    }
    return pool;
  }

  /// What `ask` returns when it has a session to itself.
  template <class Ask>
  auto with_session(Ask ask) {
    std::unique_ptr<Session> session;
    {
      std::unique_lock lock(mutex_);
      returned_.wait(lock, [this] { return !idle_.empty(); });
      session = std::move(idle_.back());
      idle_.pop_back();
    }
    auto answer = ask(*session);
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(session));
    }
    returned_.notify_one();
    return answer;
  }

 private:
  /// On zeros, so that the first picture finds all memory in place.
  static Result<void> run_once(Session& session, const TensorShape& shape) {
    const auto input = session.input(shape);
    if (!input) return fail(input.error());
    std::ranges::fill(*input, 0.F);
    if (const auto run = session.run(); !run) return fail(run.error());
    return {};
  }

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Session>> idle_;
};

class Models final : public FaceModels {
 public:
  Models(const FaceSettings& settings, const Embedder& embedder,
         std::unique_ptr<SessionPool> detecting, std::unique_ptr<SessionPool> embedding)
      : limits_{settings.det_size, settings.confidence, settings.overlap},
        embedder_(embedder),
        version_(embedder.version),
        detecting_(std::move(detecting)),
        embedding_(std::move(embedding)) {}

  [[nodiscard]] Result<std::vector<Face>> detect(const cv::Mat& pixels) const override {
    if (pixels.empty() || pixels.type() != CV_8UC3) {
      return fail(Errc::bad_input, "faces are looked for in pictures of three channels");
    }
    return detecting_->with_session(
        [&](Session& session) { return find_faces(session, pixels, limits_); });
  }

  [[nodiscard]] Result<Embedding> embed(const cv::Mat& pixels, const Face& face) const override {
    return embedding_->with_session(
        [&](Session& session) { return embed_face(session, embedder_, pixels, face.marks); });
  }

  [[nodiscard]] const std::string& embedder() const override { return version_; }
  [[nodiscard]] std::size_t dimension() const override { return embedder_.dimension; }
  [[nodiscard]] double distance(std::span<const float> a, std::span<const float> b) const override {
    return embedder_.distance(a, b);
  }
  [[nodiscard]] double similarity(double distance) const override {
    return embedder_.similarity(distance);
  }

 private:
  const YunetLimits limits_;
  const Embedder& embedder_;
  const std::string version_;
  const std::unique_ptr<SessionPool> detecting_, embedding_;
};

Result<void> check(const FaceSettings& settings) {
  if (settings.detector != "yunet") {
    return fail(Errc::bad_input,
                "no detector is called '" + settings.detector + "'; there is yunet");
  }
  if (settings.det_size < FaceSettings::least_det_size ||
      settings.det_size > FaceSettings::most_det_size) {
    return fail(Errc::bad_input, "det_size is " + std::to_string(settings.det_size) +
                                     "; it takes " + std::to_string(FaceSettings::least_det_size) +
                                     " to " + std::to_string(FaceSettings::most_det_size));
  }
  if (settings.streams == 0) return fail(Errc::bad_input, "the face models need a stream");
  return {};
}

}  // namespace

Result<std::shared_ptr<const FaceModels>> load_face_models(const FaceSettings& settings) {
  if (const auto sound = check(settings); !sound) return fail(sound.error());
  const auto embedder = find_embedder(settings.embedder);
  if (!embedder) return fail(embedder.error());

  const auto path = [&](std::string_view file) {
    return settings.models + "/" + std::string(file);
  };
  const cv::Size usual = yunet_view({640, 480}, settings.det_size).canvas;
  auto detecting =
      SessionPool::open(path(yunet_file), {{1, 3, usual.height, usual.width}}, settings.streams);
  if (!detecting) return fail(std::move(detecting).error());
  const std::int64_t side = (*embedder)->side;
  auto embedding =
      SessionPool::open(path((*embedder)->file), {{1, 3, side, side}}, settings.streams);
  if (!embedding) return fail(std::move(embedding).error());
  malloc_trim(0);  // compiling leaves tens of megabytes that nobody uses any more

  return std::make_shared<Models>(settings, **embedder, *std::move(detecting),
                                  *std::move(embedding));
}

}  // namespace vedette::vision
