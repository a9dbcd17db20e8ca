#pragma once
/// What Prometheus reads at /metrics. Base units; no names of people, devices or files.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace vedette::api {

/// Any thread.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  void request(std::string_view method, std::string_view route, int status,
               std::chrono::duration<double> took);
  /// workflow  a saved one's name; empty: sent along
  void run(std::string_view workflow, bool good, std::chrono::duration<double> took);
  void refused(std::string_view reason);
  void build(std::string_view version);
  /// `read` is asked each time that somebody looks.
  void gauge(const std::string& name, const std::string& about, std::function<double()> read);

  [[nodiscard]] std::string text() const;  ///< the exposition format

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vedette::api
