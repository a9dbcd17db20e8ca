#include "blocks/python/channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>

namespace vedette::blocks::python {
namespace {

constexpr std::size_t header_size = 8;
constexpr std::size_t one_read = 64u << 10;

auto system_failure(std::string_view what) {
  return fail(Errc::io, std::string(what) + ": " + std::generic_category().message(errno));
}

/// Anonymous shared memory that holds `bytes`.
Result<Descriptor> share(std::string_view bytes) {
  Descriptor memory(::memfd_create("call", MFD_CLOEXEC));
  if (!memory) return system_failure("shared memory");
  while (!bytes.empty()) {
    const ssize_t done = ::write(memory.get(), bytes.data(), bytes.size());
    if (done < 0) return system_failure("shared memory");
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return memory;
}

/// Copies what is shared: the other side could still write to it.
Result<std::string> read_shared(const Descriptor& memory, std::size_t most) {
  struct stat facts{};
  if (::fstat(memory.get(), &facts) != 0) return system_failure("shared memory");
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (!S_ISREG(facts.st_mode) || size > most) {
    return fail(Errc::too_large, "an answer of over " + std::to_string(most) + " bytes");
  }
  std::string bytes(size, '\0');
  for (std::size_t have = 0; have < size;) {
    const ssize_t got =
        ::pread(memory.get(), bytes.data() + have, size - have, static_cast<off_t>(have));
    if (got <= 0) return fail(Errc::bad_input, "shared memory that shrank");
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

/// What poll() takes for a deadline.
int until(Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30));
}

void set_non_blocking(const Descriptor& descriptor) {
  ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace

void Printed::add(std::string_view bytes) {
  const std::size_t kept = std::min(bytes.size(), most - std::min(most, text.size()));
  text.append(bytes.substr(0, kept));
  dropped += bytes.size() - kept;
}

Channel::Channel(Descriptor conversation, Descriptor out, Descriptor err)
    : conversation_(std::move(conversation)), out_{std::move(out), {}}, err_{std::move(err), {}} {
  for (const Descriptor* each : {&conversation_, &out_.pipe, &err_.pipe}) set_non_blocking(*each);
}

void Channel::Stream::take_in() {
  std::array<char, one_read> bytes{};
  const ssize_t got = ::read(pipe.get(), bytes.data(), bytes.size());
  if (got > 0) printed.add({bytes.data(), static_cast<std::size_t>(got)});
  if (got == 0) pipe.close();  // poll() passes over it from now on
}

Result<void> Channel::wait(short events, Deadline deadline) {
  for (;;) {
    std::array<pollfd, 3> polled{{{conversation_.get(), events, 0},
                                  {out_.pipe.get(), POLLIN, 0},
                                  {err_.pipe.get(), POLLIN, 0}}};
    const int ready = ::poll(polled.data(), polled.size(), until(deadline));
    if (ready < 0 && errno != EINTR) return system_failure("poll");
    if (ready == 0) return fail(Errc::timed_out, "no answer in time");
    if (ready < 0) continue;
    if (polled[1].revents != 0) out_.take_in();
    if (polled[2].revents != 0) err_.take_in();
    if (polled[0].revents != 0) return {};
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(Errc::timed_out, "no answer in time");
    }
  }
}

void Channel::forget_printed() {
  for (Stream* stream : {&out_, &err_}) {
    stream->take_in();
    stream->printed = {};
  }
}

void Channel::listen(Deadline deadline) {
  while (out_.pipe || err_.pipe) {
    std::array<pollfd, 2> polled{{{out_.pipe.get(), POLLIN, 0}, {err_.pipe.get(), POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), until(deadline)) <= 0) return;
    if (polled[0].revents != 0) out_.take_in();
    if (polled[1].revents != 0) err_.take_in();
    if (std::chrono::steady_clock::now() >= deadline) return;
  }
}

Result<void> Channel::send(std::string_view value, std::string_view memory, Deadline deadline) {
  Descriptor shared;
  if (!memory.empty()) {
    auto made = share(memory);
    if (!made) return fail(std::move(made).error());
    shared = *std::move(made);
  }
  const std::array<std::uint32_t, 2> header{static_cast<std::uint32_t>(value.size()),
                                            shared ? 1u : 0u};
  std::array<char, header_size> head{};
  std::memcpy(head.data(), header.data(), header_size);
  std::size_t sent = 0;  // of header and value together
  while (sent < header_size + value.size()) {
    const std::size_t of_head = std::min(sent, header_size);
    const std::size_t of_value = sent - of_head;
    std::array<iovec, 2> parts{
        {{head.data() + of_head, header_size - of_head},
         {const_cast<char*>(value.data()) + of_value, value.size() - of_value}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    if (sent == 0 && shared) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* attached = CMSG_FIRSTHDR(&message);
      attached->cmsg_level = SOL_SOCKET;
      attached->cmsg_type = SCM_RIGHTS;
      attached->cmsg_len = CMSG_LEN(sizeof(int));
      const int number = shared.get();
      std::memcpy(CMSG_DATA(attached), &number, sizeof number);
    }
    const ssize_t done = ::sendmsg(conversation_.get(), &message, MSG_NOSIGNAL);
    if (done >= 0) {
      sent += static_cast<std::size_t>(done);
    } else if (errno == EAGAIN) {
      if (auto waited = wait(POLLOUT, deadline); !waited) return waited;
    } else if (errno != EINTR) {
      return fail(Errc::peer_gone, "the worker hung up");
    }
  }
  return {};
}

Result<void> Channel::read_some(std::size_t want) {
  ssize_t got = 0;
  int error = 0;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  const std::size_t had = pending_.size();
  pending_.resize_and_overwrite(had + want, [&](char* data, std::size_t) {
    iovec part{data + had, want};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    got = ::recvmsg(conversation_.get(), &message, MSG_CMSG_CLOEXEC);
    error = errno;
    return had + static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  });
  if (got == 0) return fail(Errc::peer_gone, "the worker hung up");
  if (got < 0 && error != EAGAIN && error != EINTR) {
    return fail(Errc::peer_gone, std::generic_category().message(error));
  }
  const cmsghdr* attached = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (attached != nullptr && attached->cmsg_type == SCM_RIGHTS) {
    int number = -1;
    std::memcpy(&number, CMSG_DATA(attached), sizeof number);
    descriptor_ = Descriptor(number);
  }
  return {};
}

Result<Frame> Channel::receive(std::size_t most, Deadline deadline) {
  for (bool is_fresh = false;; is_fresh = true) {
    std::array<std::uint32_t, 2> header{};
    if (pending_.size() >= header_size) {
      std::memcpy(header.data(), pending_.data(), header_size);
      if (header[1] > 1) return fail(Errc::bad_input, "what the worker sent is not an answer");
      if (header[0] > most) {
        return fail(Errc::too_large, "an answer of over " + std::to_string(most) + " bytes");
      }
      if (pending_.size() >= header_size + header[0]) return take_frame(header, most, is_fresh);
    }
    if (auto waited = wait(POLLIN, deadline); !waited) return fail(std::move(waited).error());
    const std::size_t whole = header_size + header[0];
    const std::size_t missing = whole - std::min(whole, pending_.size());
    if (auto read = read_some(std::max(missing, one_read)); !read) {
      return fail(std::move(read).error());
    }
  }
}

Result<Frame> Channel::take_frame(std::array<std::uint32_t, 2> header, std::size_t most,
                                  bool is_fresh) {
  if (!is_fresh) {  // it came with the one before, and nobody has looked at the streams since
    out_.take_in();
    err_.take_in();
  }
  const std::size_t whole = header_size + header[0];
  Frame frame;
  if (pending_.size() == whole) {
    pending_.erase(0, header_size);
    frame.value.swap(pending_);
  } else {
    frame.value = pending_.substr(header_size, header[0]);
    pending_.erase(0, whole);
  }
  if (header[1] == 1) {
    const Descriptor memory = std::exchange(descriptor_, Descriptor());
    if (!memory) return fail(Errc::bad_input, "what the worker sent is not an answer");
    auto bytes = read_shared(memory, most);
    if (!bytes) return fail(std::move(bytes).error());
    frame.memory = *std::move(bytes);
  }
  return frame;
}

}  // namespace vedette::blocks::python
