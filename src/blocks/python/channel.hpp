#pragma once
/// The server's end of the conversation with one worker; python/vedette_worker/channel.py is the
/// other, and says what a frame is.

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "blocks/python/descriptor.hpp"

namespace vedette::blocks::python {

using Deadline = std::chrono::steady_clock::time_point;

struct Frame {
  std::string value;   ///< marshalled
  std::string memory;  ///< the big pieces, one after another
};

/// What a worker wrote to one of its streams; the beginning is kept.
struct Printed {
  static constexpr std::size_t most = 64u << 10;  ///< bytes kept
  std::string text;
  std::size_t dropped = 0;

  void add(std::string_view bytes);
};

class Channel {
 public:
  /// out, err  the reading ends of the worker's streams; read without waiting
  Channel(Descriptor conversation, Descriptor out, Descriptor err);

  /// memory  goes as anonymous shared memory
  /// fails   peer_gone, timed_out, io
  [[nodiscard]] Result<void> send(std::string_view value, std::string_view memory,
                                  Deadline deadline);

  /// Waits for a frame; meanwhile it takes in what is printed. When this returns, all that was
  /// printed before the frame was sent is in out() and err().
  /// fails  peer_gone; timed_out: nothing is lost, it may be called again; too_large: over `most`
  ///        bytes; bad_input: not a frame; io
  [[nodiscard]] Result<Frame> receive(std::size_t most, Deadline deadline);

  /// Takes in what is printed until `deadline`, or until both streams are closed.
  void listen(Deadline deadline);

  /// What was printed while nobody listened is nobody's: forgotten.
  void forget_printed();

  [[nodiscard]] Printed& out() { return out_.printed; }
  [[nodiscard]] Printed& err() { return err_.printed; }

 private:
  struct Stream {
    Descriptor pipe;
    Printed printed;
    void take_in();
  };

  /// fails  timed_out, io; also returns where there is something to read
  Result<void> wait(short events, Deadline deadline);
  Result<void> read_some(std::size_t want);
  Result<Frame> take_frame(std::array<std::uint32_t, 2> header, std::size_t most, bool is_fresh);

  Descriptor conversation_;
  Stream out_, err_;
  std::string pending_;    // what has come in and was not taken yet
  Descriptor descriptor_;  // that came with it
};

}  // namespace vedette::blocks::python
