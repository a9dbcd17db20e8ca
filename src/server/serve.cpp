#include <atomic>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>
#include <signal.h>
#include <sys/stat.h>
#include <thread>

#include "api/door.hpp"
#include "base/log.hpp"
#include "server/builder.hpp"
#include "server/commands.hpp"
#include "server/settings.hpp"

namespace vedette::server {
namespace {

constexpr std::chrono::seconds patience{30};  ///< for requests in flight when we are told to end

/// The signals that end the program, taken by whoever asks and by nobody else.
class Ending {
 public:
  Ending() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);  // before there are threads: they inherit it
  }
  void wait() const {
    int signal = 0;
    sigwait(&signals_, &signal);
  }
  [[nodiscard]] bool comes_within(std::chrono::milliseconds time) const {
    const timespec limit{time.count() / 1000, time.count() % 1000 * 1'000'000};
    return sigtimedwait(&signals_, nullptr, &limit) > 0;
  }

 private:
  sigset_t signals_{};
};

ingest::HttpSettings link_settings(const Config& config, const Address& listen) {
  ingest::HttpSettings settings;
  settings.address = listen.host == "localhost" ? "127.0.0.1" : listen.host;
  settings.port = listen.port;
  const std::size_t threads = config[keys::http_threads];
  settings.threads =
      threads > 0 ? threads : std::max<std::size_t>(1, std::thread::hardware_concurrency() / 4);
  settings.limits.body_bytes = config[keys::limits_body];
  settings.limits.connections = config[keys::limits_connections];
  return settings;
}

void print_start(const Config& config, const api::House& house, const Address& listen) {
  const std::string url = config[keys::http_public_url].value_or("http://" + listen.text());
  const auto size = house.gallery->size();
  fmt::print("Vedette {}\n", house.version);
  fmt::print("  page       {}/\n", url);
  fmt::print("  API        {}/openapi.json\n", url);
  fmt::print("  listening  {}\n", listen.text());
  fmt::print("  keys       {}\n", !house.needs_key ? "none needed"
                                  : house.keys->count() > 0
                                      ? "needed"
                                      : "needed, and there is none: vedette key create NAME");
  fmt::print("  models     {} + {}\n", config[keys::faces_detector], house.models->embedder());
  fmt::print("  known      {} people, {} photos\n", size.people, size.photos);
  fmt::print("  data       {}\n", config[keys::data]);
  fmt::print("  workflows  {}\n", config[keys::workflows]);
  if (listen.is_loopback()) {
    fmt::print("Reachable from this machine only; --listen 0.0.0.0:{} opens it to the network.\n",
               listen.port);
  }
  std::fflush(stdout);
}

/// Ends the link in good order, or at once if told to end again.
void drain(api::House& house, ingest::HttpLink& link, const Ending& ending) {
  log::info("server", "ending; a second signal ends at once");
  house.draining = true;
  std::atomic<bool> ended{false};
  std::thread closing([&] {
    link.stop(patience);
    ended = true;
  });
  while (!ended) {
    if (ending.comes_within(std::chrono::milliseconds(50)))
      std::_Exit(static_cast<int>(Exit::failed));
  }
  closing.join();
}

Exit complain(const Failure& failure) {
  fmt::print(stderr, "vedette: {}\n", failure.what);
  return failure.exit;
}

}  // namespace

Exit serve(const Invocation& invocation) {
  const Ending ending;
  ::umask(0077);  // faces are nobody else's business
  const auto config = load_config(invocation);
  if (!config) return Exit::configuration;
  log::set_up(log::level_named((*config)[keys::log_level]),
              (*config)[keys::log_format] == "json" ? log::Format::json : log::Format::text);
  for (const Complaint& one : config->warnings()) log::warn("server", one.text());

  std::optional<api::Surface> surface;  // these two before the house: they outlive it
  std::optional<api::Door> door;
  auto house = build_house(*config);
  if (!house) return complain(house.error());
  auto listen = read_address((*config)[keys::http_listen]);
  const api::GuardSettings guard{.listen_host = listen->host,
                                 .public_url = (*config)[keys::http_public_url].value_or(""),
                                 .origins = (*config)[keys::http_origins]};
  api::Surface& calls = surface.emplace(**house, guard);
  api::Door& taking = door.emplace(**house, calls, (*config)[keys::http_ws_echo].value_or(""));
  auto link =
      ingest::HttpLink::open(link_settings(*config, *listen),
                             [&taking](ingest::HttpRequest request, ingest::HttpReply reply) {
                               taking.take(std::move(request), std::move(reply));
                             });
  if (!link) {
    const bool taken = link.error().code == Errc::io;
    return complain(
        {taken ? Exit::port_taken : Exit::configuration,
         "http.listen: " + link.error().what +
             (taken ? "; stop what listens there, or choose another by --listen" : "")});
  }
  listen->port = (*link)->port();

  if (auto opened = open_house(**house, *config, true); !opened) {
    (*link)->stop({});
    return complain(opened.error());
  }
  print_start(*config, **house, *listen);
  ending.wait();
  drain(**house, **link, ending);
  return Exit::ok;
}

}  // namespace vedette::server
