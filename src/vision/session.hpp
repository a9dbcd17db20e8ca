#pragma once
/// A neural network that is loaded and can be asked. Which runtime answers is decided here and
/// nowhere else; OpenVINO does today (openvino/openvino_network.cpp).

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vedette::vision {

struct TensorShape {
  std::vector<std::int64_t> sides;  ///< all known, none negative
  [[nodiscard]] std::size_t count() const;
  auto operator<=>(const TensorShape&) const = default;
};

/// Floats in row-major order; the memory belongs to the session and holds until its next run.
struct TensorView {
  std::string_view name;
  TensorShape shape;
  std::span<const float> data;
};

/// One stream of inference: one thread at a time, no batching for its own sake.
class Session {
 public:
  virtual ~Session() = default;

  /// The input's memory for this shape, to be filled before run(). A shape other than the usual
  /// one costs some 50 ms when it is new, and 5 to 10 % more time ever after.
  /// fails  bad_input: differs from the usual shape in more than height and width (of [batch,
  ///        channels, height, width]); io: the runtime refuses it, in its own words
  [[nodiscard]] virtual Result<std::span<float>> input(const TensorShape& shape) = 0;

  /// Runs on the shape that input() was last asked for.
  /// returns  the outputs in the order of the model
  /// fails    bad_input: no input() yet; io, with the runtime's own words
  [[nodiscard]] virtual Result<std::span<const TensorView>> run() = 0;
};

struct NetworkSettings {
  TensorShape usual;        ///< of the input: what the network is made fastest for
  std::size_t streams = 2;  ///< sessions that may run at the same time, one core each
};

/// A network of one float input; its sessions share the weights. Any thread.
class Network {
 public:
  virtual ~Network() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<Session>> open() const = 0;
  [[nodiscard]] virtual const std::string& name() const = 0;  ///< the file's name without .onnx
};

/// Reads and compiles; some 0.2 s.
/// fails  not_found: no such file (the message says how to obtain it); bad_input: not a network,
///        or not one that takes the usual shape
[[nodiscard]] Result<std::shared_ptr<const Network>> load_network(const std::string& path,
                                                                  NetworkSettings settings);

}  // namespace vedette::vision
