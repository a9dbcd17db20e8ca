#pragma once
/// Tells every open live page of runs and pictures, as they come.

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "api/house.hpp"
#include "ingest/http_link/http_link.hpp"

namespace vedette::api {

/// Any thread; outlives the house and the sockets that it opened. A page that cannot keep up loses
/// the oldest messages.
class LiveHub {
 public:
  /// Listens to the house's runs and pictures from now on.
  explicit LiveHub(House& house);
  LiveHub(const LiveHub&) = delete;
  LiveHub& operator=(const LiveHub&) = delete;

  /// Opens a page's socket and sends it what there is.
  void open(ingest::HttpReply reply);
  [[nodiscard]] std::size_t pages() const { return open_; }

 private:
  void tell(std::string_view type, std::string_view member, const Value& value);

  House& house_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<ingest::WebSocket>> sockets_;
  std::atomic<std::size_t> open_{0};
};

}  // namespace vedette::api
