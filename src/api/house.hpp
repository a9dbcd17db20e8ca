#pragma once
/// What the API shows: the parts of one running program, built and owned by server/.

#include <atomic>
#include <memory>
#include <string>

#include "api/keys.hpp"
#include "api/live_board.hpp"
#include "api/metrics.hpp"
#include "api/run_log.hpp"
#include "api/saved_workflows.hpp"
#include "base/compute_pool.hpp"
#include "gallery/gallery.hpp"
#include "vision/faces.hpp"
#include "workflow/engine.hpp"

namespace vedette::api {

struct House {
  std::string version;
  std::string instance;  ///< a UUID of this start
  double similarity_threshold = 0.5;
  int json_depth = 64;
  std::size_t body_bytes = 16u << 20;
  vision::ImageLimits images;

  bool fetches_urls = false;

  std::unique_ptr<SavedWorkflows> saved;
  std::unique_ptr<Keys> keys;
  bool needs_key = false;
  RunLog runs;
  std::shared_ptr<LivePictures> live = std::make_shared<LivePictures>();
  Metrics metrics;

  /// Set before `ready`, then only read.
  workflow::Services services;
  std::unique_ptr<workflow::PlanCache> plans;
  std::shared_ptr<const vision::FaceModels> models;
  std::shared_ptr<gallery::Gallery> gallery;
  std::atomic<bool> ready{false};
  std::atomic<bool> draining{false};

  // The last, so that they end first: what they still run sees the rest of the house.
  std::unique_ptr<ComputePool> compute;  ///< as many threads as cores
  std::unique_ptr<ComputePool> waits;    ///< for runs that may wait for user code or the network
};

}  // namespace vedette::api
