#pragma once
/// The models that tools/models/get_models.py obtained, for the tests of this room.

#include <cstdlib>
#include <string>

#include "fixture.hpp"
#include "vision/faces.hpp"

namespace vedette::vision {

/// VEDETTE_MODELS, or models/ in the project.
inline std::string models_folder() {
  const char* set = std::getenv("VEDETTE_MODELS");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return set ? set : std::string(VEDETTE_FIXTURES) + "/../../models";
}

inline FaceSettings face_settings() { return {.models = models_folder()}; }

/// `path` within the project. Throws where there is no such picture.
inline cv::Mat project_picture(const std::string& path) { return read_picture("../../" + path); }

}  // namespace vedette::vision
