#pragma once
/// Between the HTTP link and the surface: requests become calls, answers become responses.

#include <string>

#include "api/live_hub.hpp"
#include "api/surface.hpp"

namespace vedette::api {

/// Any thread; outlives the house, and the link that it serves.
class Door {
 public:
  /// ws_echo  a path that echoes WebSocket messages; empty: none
  Door(House& house, Surface& surface, std::string ws_echo)
      : surface_(surface), hub_(house), ws_echo_(std::move(ws_echo)) {}

  void take(ingest::HttpRequest request, ingest::HttpReply reply);

 private:
  void open_socket(Call call, ingest::HttpReply reply);

  Surface& surface_;
  LiveHub hub_;
  std::string ws_echo_;
};

}  // namespace vedette::api
