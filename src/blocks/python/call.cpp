#include "blocks/python/call.hpp"

#include <array>
#include <fmt/format.h>

#include "blocks/python/marshal.hpp"

namespace vedette::blocks::python {
namespace {

using std::chrono::milliseconds, std::chrono::steady_clock;
using workflow::Outcome, workflow::Problem;

constexpr milliseconds dying{20};  // for a worker that hung up to be gone
constexpr int tries = 3;           // to find a worker that has not died while nobody used it

bool is(const List& items, std::string_view kind) {
  return !items.empty() && items[0].is_string() && items[0].string() == kind;
}

std::string_view as_bytes(const cv::Mat& pixels) {
  return {reinterpret_cast<const char*>(pixels.data), pixels.total() * pixels.elemSize()};
}

std::string in_words(milliseconds time) {
  return time % milliseconds(1000) == milliseconds(0) ? fmt::format("{} s", time.count() / 1000)
                                                      : fmt::format("{} ms", time.count());
}

/// Nobody's code has failed: there is no worker to run it.
Problem not_to_be_had(const Error& error) {
  Problem problem =
      workflow::problem_of("StepExecutionError", "the block cannot run: " + error.what,
                           "workflow_execution | step_execution");
  if (error.code == Errc::timed_out) problem.status = 503;
  return problem;
}

}  // namespace

Outcome<void> Call::begin() {
  Error error;
  for (int i = 0; i < tries; ++i) {
    auto lease = acquire();
    if (!lease) return std::unexpected(not_to_be_had(lease.error()));
    lease_.reset();
    lease_.emplace(std::move(*lease));
    if (lease_->worker().loaded.contains(code_.number)) return {};
    if (auto sent = send(code_.load); !sent) {
      error = sent.error();
      lease_->end(milliseconds(0));
      continue;
    }
    auto answer = next({});
    if (!answer) return std::unexpected(std::move(answer).error());
    if (is(*answer, "loaded")) {
      lease_->worker().loaded.insert(code_.number);
      return {};
    }
    Failure failure = read_failure(*answer);
    return std::unexpected(problem(std::move(failure)));
  }
  return std::unexpected(not_to_be_had(error));
}

Result<Pool::Lease> Call::acquire() {
  const Settings& set = pool_.settings();
  const auto now = steady_clock::now();
  if (!aside_) {
    auto lease = pool_.acquire(now + set.slow);
    if (lease || lease.error().code != Errc::timed_out) return lease;
    aside_.emplace();
  }
  return pool_.acquire(now + set.timeout);
}

Outcome<void> Call::run(std::string_view frame, std::size_t rows, std::span<const Value> pictures,
                        const OnRow& on_row) {
  if (auto sent = send(frame); !sent) {
    // It died while nobody used it: another has not seen this call either.
    lease_->end(milliseconds(0));
    if (auto again = begin(); !again) return again;
    if (sent = send(frame); !sent) return std::unexpected(give_up(sent.error()));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    const auto answer = next(pictures);
    if (!answer) return std::unexpected(answer.error());
    const bool is_last = row + 1 == rows;
    if (is(*answer, "failed") && answer->size() == 9) {
      traces_ = answer->back();
      return std::unexpected(problem(read_failure(*answer)));
    }
    if (!is(*answer, "row") || answer->size() != (is_last ? 5 : 4)) {
      return std::unexpected(give_up({Errc::bad_input, "what it sent is not an answer"}));
    }
    if (is_last) {
      traces_ = answer->back();
    } else {
      leave_to_next((*answer)[3]);
    }
    if (auto taken = on_row(row, (*answer)[1]); !taken) {
      if (!is_last) lease_->end(milliseconds(0));  // the rest of its answers
      return taken;
    }
    began_ = steady_clock::now();
  }
  return {};
}

void Call::leave_to_next(const Value& printed) {
  const auto* counts = printed.get_if<Tuple>();
  if (counts == nullptr || counts->items.size() != 2) return;
  Channel& channel = lease_->worker().channel();
  const std::array streams{std::pair{&out_, &channel.out()}, std::pair{&err_, &channel.err()}};
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const auto [here, next] = streams[i];
    const Value& count = counts->items[i];
    const auto own = count.is_integer() ? static_cast<std::size_t>(count.integer()) : 0;
    if (own >= here->text.size()) continue;
    next->text.insert(0, here->text.substr(own));
    here->text.resize(own);
  }
}

Result<void> Call::send(std::string_view frame) {
  began_ = steady_clock::now();
  Channel& channel = lease_->worker().channel();
  channel.forget_printed();
  return channel.send(frame, {}, began_ + pool_.settings().timeout);
}

Result<Frame> Call::await() {
  const Settings& set = pool_.settings();
  Worker& worker = lease_->worker();
  const std::array<milliseconds, 3> stages{std::min(set.slow, set.timeout),
                                           std::min(set.hog, set.timeout), set.timeout};
  for (std::size_t stage = 0;; ++stage) {
    auto frame = worker.channel().receive(set.answer, began_ + stages[stage]);
    if (frame || frame.error().code != Errc::timed_out || stage + 1 == stages.size()) return frame;
    if (stage == 0) {
      lease_->say_slow();
      if (!aside_) aside_.emplace();
    } else {
      worker.yield_to_others();
    }
  }
}

Outcome<List> Call::next(std::span<const Value> pictures) {
  Channel& channel = lease_->worker().channel();
  for (;;) {
    auto frame = await();
    if (!frame) return std::unexpected(give_up(frame.error()));
    out_ = std::exchange(channel.out(), {});
    err_ = std::exchange(channel.err(), {});
    frame_ = *std::move(frame);
    const auto answer = unmarshal(frame_.value);
    if (!answer) return std::unexpected(give_up(answer.error()));
    const auto* items = answer->value.get_if<Tuple>();
    if (items == nullptr) {
      return std::unexpected(give_up({Errc::bad_input, "what it sent is not an answer"}));
    }
    if (!is(items->items, "fetch")) return items->items;
    channel.out() = std::exchange(out_, {});  // it has not ended yet
    channel.err() = std::exchange(err_, {});
    if (auto served = serve_picture(items->items, pictures); !served) {
      return std::unexpected(give_up(served.error()));
    }
  }
}

Result<void> Call::serve_picture(const List& request, std::span<const Value> pictures) {
  const bool sound = request.size() == 3 && request[1].is_integer() && request[2].is_string();
  const auto number = sound ? static_cast<std::size_t>(request[1].integer()) : pictures.size();
  if (number >= pictures.size()) return fail(Errc::bad_input, "it asked for no picture of ours");
  const vision::Image& image = *pictures[number].as<vision::Frame>().image;
  MarshalWriter answer;
  cv::Mat pixels;
  const auto original = image.original();
  const bool has_original = original && *original;
  // OpenCV decodes a JPEG there as well as we do here, and the server goes on meanwhile.
  const bool there = image.format() == vision::Format::jpeg && !image.is_decoded();
  if (request[2].string() == "original" && !has_original) {
    answer.tuple(2);
    answer.text("encoded");
    answer.none();
  } else if (has_original && (there || request[2].string() == "original")) {
    answer.tuple(2);
    answer.text("encoded");
    answer.bytes({reinterpret_cast<const char*>((*original)->data()), (*original)->size()});
  } else if (const auto decoded = image.pixels(); !decoded) {
    answer.tuple(2);
    answer.text("failed");
    answer.text(decoded.error().what);
  } else {
    pixels = decoded->isContinuous() ? *decoded : decoded->clone();
    const bool is_gray = pixels.channels() == 1;
    answer.tuple(is_gray ? 3 : 4);
    answer.text("pixels");
    answer.integer(pixels.rows);
    answer.integer(pixels.cols);
    if (!is_gray) answer.integer(pixels.channels());
  }
  const std::string_view memory = pixels.empty() ? std::string_view() : as_bytes(pixels);
  return lease_->worker().channel().send(answer.written(), memory,
                                         began_ + pool_.settings().timeout);
}

Problem Call::give_up(const Error& error) {
  Worker& worker = lease_->worker();
  std::string what, type = "WorkerError";
  if (error.code == Errc::timed_out) {
    type = "TimeoutError";
    what = fmt::format("stopped after {}, which is what python.timeout allows",
                       in_words(pool_.settings().timeout));
    worker.ask_where();
    lease_->end(milliseconds(0));
  } else if (error.code == Errc::peer_gone) {
    type = "ProcessEnded";
    what = "the block's process " + lease_->end(dying);
  } else {
    what = "the block's process was ended: " + error.what;
    lease_->end(milliseconds(0));
  }
  out_ = std::exchange(worker.channel().out(), {});
  err_ = std::exchange(worker.channel().err(), {});
  return problem(describe_end(what, type, code_.definition->code, err_));
}

Problem Call::problem(Failure failure) const {
  return as_problem(std::move(failure), code_.definition->block_type, out_, err_);
}

}  // namespace vedette::blocks::python
