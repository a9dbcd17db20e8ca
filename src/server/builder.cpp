#include "server/builder.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <thread>

#include "base/id.hpp"
#include "base/log.hpp"
#include "server/image_fetcher.hpp"
#include "server/python.hpp"
#include "server/settings.hpp"

namespace vedette::server {
namespace fs = std::filesystem;
namespace {

std::size_t cores() { return std::max<std::size_t>(1, std::thread::hardware_concurrency()); }

/// `name` beside the program, or in a folder above it; else where the sources stood.
fs::path beside_program(const fs::path& name) {
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  const std::array places{folder / name, folder.parent_path() / name,
                          folder.parent_path() / "share/vedette" / name,
                          fs::path(VEDETTE_HOME) / name};
  const auto* const found =
      std::ranges::find_if(places, [&](const fs::path& place) { return fs::exists(place, error); });
  return found == places.end() ? places[1] : *found;
}

std::unexpected<Failure> failed(const Error& error, Exit exit = Exit::failed) {
  return std::unexpected(Failure{exit, error.what});
}

vision::FaceSettings face_settings(const Config& config) {
  return {.models = folders_of(config).models,
          .detector = config[keys::faces_detector],
          .embedder = config[keys::faces_embedder],
          .det_size = static_cast<int>(config[keys::faces_det_size]),
          .streams = cores()};
}

gallery::GalleryLimits gallery_limits(const Config& config) {
  gallery::GalleryLimits limits;
  limits.eyes_apart = config[keys::faces_eyes_apart];
  limits.second_face = config[keys::faces_second_face];
  if (const double sharpness = config[keys::faces_sharpness]; sharpness > 0) {
    limits.sharpness = sharpness;
  }
  limits.looks_like = config[keys::faces_looks_like];
  return limits;
}

void watch(api::House& house) {
  house.metrics.gauge("vedette_gallery_people", "People who are known", [&] {
    return house.gallery ? static_cast<double>(house.gallery->size().people) : 0;
  });
  house.metrics.gauge("vedette_gallery_faces", "Photos of them", [&] {
    return house.gallery ? static_cast<double>(house.gallery->size().photos) : 0;
  });
}

}  // namespace

Folders folders_of(const Config& config) {
  const fs::path data = config[keys::data];
  const auto models = config[keys::faces_models];
  const auto python = config[keys::python_interpreter];
  return {.data = data,
          .secrets = data / "secrets",
          .models = models ? fs::path(*models) : beside_program("models"),
          .python_package = beside_program("python/vedette_worker"),
          .python = python ? fs::path(*python) : beside_program(".venv/bin/python")};
}

Built<std::unique_ptr<api::House>> build_house(const Config& config) {
  const Folders folders = folders_of(config);
  std::error_code error;
  fs::create_directories(folders.secrets, error);
  if (error) {
    return std::unexpected(Failure{
        Exit::configuration,
        fmt::format("data: {} cannot be made: {}", folders.data.string(), error.message())});
  }
  fs::permissions(folders.secrets, fs::perms::owner_all, error);
  if (!config[keys::auth_jwt_secret]) {
    if (auto secret = api::keep_secret(folders.secrets / "jwt"); !secret)
      return failed(secret.error());
  }

  auto house = std::make_unique<api::House>();
  house->version = VEDETTE_VERSION;
  house->instance = make_uuid();
  house->similarity_threshold = config[keys::faces_threshold];
  house->json_depth = static_cast<int>(config[keys::limits_json_depth]);
  house->images = {.pixels = config[keys::limits_pixels], .encoded = config[keys::limits_body]};
  const std::size_t queue = config[keys::limits_queue];
  house->compute = std::make_unique<ComputePool>(cores(), queue);
  // These threads mostly sleep: each waits for one worker process or one peer.
  constexpr std::size_t waiting = 16;
  house->waits =
      std::make_unique<ComputePool>(std::max(waiting, config[keys::python_workers]), queue);
  house->fetches_urls = config[keys::blocks_fetch_urls];
  house->saved = std::make_unique<api::SavedWorkflows>(config[keys::workflows],
                                                       (folders.data / "workflows").string());
  house->keys = std::make_unique<api::Keys>((folders.secrets / "keys.json").string());
  const auto listen = read_address(config[keys::http_listen]);
  const std::string mode = config[keys::auth_mode];
  house->needs_key = mode == "required" || (mode == "auto" && !listen->is_loopback());
  house->metrics.build(VEDETTE_VERSION);
  return house;
}

Built<void> open_house(api::House& house, const Config& config, bool faces) {
  auto models = vision::load_face_models(face_settings(config));
  if (!models && (faces || models.error().code != Errc::not_found)) {
    const bool missing = models.error().code == Errc::not_found;
    return failed(models.error(), missing ? Exit::model_missing : Exit::failed);
  }
  if (models) {
    house.models = *models;
    auto gallery = gallery::open_gallery(config[keys::data], house.models, gallery_limits(config));
    if (!gallery) return failed(gallery.error());
    house.gallery = std::move(*gallery);
    house.services.add(std::const_pointer_cast<vision::FaceModels>(house.models));
    house.services.add(house.gallery);
  }
  house.services.add(std::static_pointer_cast<workflow::LiveBoard>(house.live));
  house.services.add(std::make_shared<vision::ImageLimits>(house.images));
  house.services.add(make_python_blocks(config));
  if (house.fetches_urls) {
    house.services.add(make_image_fetcher(
        {.bytes = house.images.encoded, .private_addresses = config[keys::blocks_fetch_private]}));
  }
  const workflow::PlanLimits limits{.json_depth = house.json_depth};
  house.plans = std::make_unique<workflow::PlanCache>(house.services, limits);
  if (faces) watch(house);
  house.ready = true;
  return {};
}

}  // namespace vedette::server
