#include "api/metrics.hpp"

#include <fmt/format.h>
#include <map>
#include <mutex>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <shared_mutex>
#include <vector>

namespace vedette::api {
namespace {

prometheus::Histogram::BucketBoundaries buckets() {
  return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};
}

/// A series looked up once for each key; the library's own look-up builds maps of labels.
template <class Series>
class SeriesByKey {
 public:
  template <class Make>
  Series& get(const std::string& key, Make make) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = series_.find(key); found != series_.end()) return *found->second;
    }
    const std::scoped_lock lock(mutex_);
    auto& place = series_[key];
    if (!place) place = &make();
    return *place;
  }

 private:
  std::shared_mutex mutex_;
  std::map<std::string, Series*, std::less<>> series_;
};

}  // namespace

struct Metrics::State {
  mutable prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                          .Name("vedette_http_requests_total")
                                                          .Help("Requests answered")
                                                          .Register(registry);
  prometheus::Family<prometheus::Histogram>& request_time =
      prometheus::BuildHistogram()
          .Name("vedette_http_request_duration_seconds")
          .Help("From a request read to its answer made")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& runs = prometheus::BuildCounter()
                                                      .Name("vedette_runs_total")
                                                      .Help("Workflow runs")
                                                      .Register(registry);
  prometheus::Family<prometheus::Histogram>& run_time = prometheus::BuildHistogram()
                                                            .Name("vedette_stage_duration_seconds")
                                                            .Help("Time of a stage")
                                                            .Register(registry);
  prometheus::Family<prometheus::Counter>& refusals = prometheus::BuildCounter()
                                                          .Name("vedette_requests_refused_total")
                                                          .Help("Requests turned away")
                                                          .Register(registry);
  SeriesByKey<prometheus::Counter> requests_by, runs_by, refusals_by;
  SeriesByKey<prometheus::Histogram> request_time_by, run_time_by;
  struct Read {
    prometheus::Gauge* gauge;
    std::function<double()> read;
  };
  std::mutex gauges_mutex;
  std::vector<Read> gauges;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::request(std::string_view method, std::string_view route, int status,
                      std::chrono::duration<double> took) {
  State& s = *state_;
  const std::string series = fmt::format("{} {} {}", method, route, status);
  s.requests_by
      .get(series,
           [&]() -> auto& {
             return s.requests.Add({{"method", std::string(method)},
                                    {"route", std::string(route)},
                                    {"status", std::to_string(status)}});
           })
      .Increment();
  const std::string path(route);
  s.request_time_by
      .get(path, [&]() -> auto& { return s.request_time.Add({{"route", path}}, buckets()); })
      .Observe(took.count());
}

void Metrics::run(std::string_view workflow, bool good, std::chrono::duration<double> took) {
  State& s = *state_;
  const std::string outcome = good ? "ok" : "failed";
  s.runs_by
      .get(fmt::format("{} {}", workflow, outcome),
           [&]() -> auto& {
             return s.runs.Add({{"workflow", std::string(workflow)}, {"outcome", outcome}});
           })
      .Increment();
  s.run_time_by.get("run", [&]() -> auto& { return s.run_time.Add({{"stage", "run"}}, buckets()); })
      .Observe(took.count());
}

void Metrics::refused(std::string_view reason) {
  State& s = *state_;
  const std::string text(reason);
  s.refusals_by.get(text, [&]() -> auto& { return s.refusals.Add({{"reason", text}}); })
      .Increment();
}

void Metrics::build(std::string_view version) {
  prometheus::BuildGauge()
      .Name("vedette_build_info")
      .Help("1, with the version as a label")
      .Register(state_->registry)
      .Add({{"version", std::string(version)}})
      .Set(1);
}

void Metrics::gauge(const std::string& name, const std::string& about,
                    std::function<double()> read) {
  auto& gauge = prometheus::BuildGauge().Name(name).Help(about).Register(state_->registry).Add({});
  const std::scoped_lock lock(state_->gauges_mutex);
  state_->gauges.push_back({&gauge, std::move(read)});
}

std::string Metrics::text() const {
  const std::scoped_lock lock(state_->gauges_mutex);
  for (const auto& [gauge, read] : state_->gauges) gauge->Set(read());
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace vedette::api
