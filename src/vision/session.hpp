#pragma once
/// A neural network that is loaded and can be asked. Which runtime answers is decided here and
/// nowhere else; OpenVINO does today.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace vedette::vision {

struct TensorShape {
  std::vector<std::int64_t> sides;  ///< all known, none negative
  [[nodiscard]] std::size_t count() const;
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

  /// The input's memory for this shape, to be filled before run(). Changing the shape may
  /// compile the network anew, so callers keep to few shapes.
  [[nodiscard]] virtual Result<std::span<float>> input(const TensorShape& shape) = 0;

  /// returns  the outputs in the order of the model
  /// fails    io, with the runtime's own words
  [[nodiscard]] virtual Result<std::span<const TensorView>> run() = 0;
};

/// A network read from disk once; sessions share its weights.
class Network {
 public:
  virtual ~Network() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<Session>> open() const = 0;
  [[nodiscard]] virtual const std::string& name() const = 0;  ///< the file's name without .onnx
};

/// fails  not_found: no such file (the message says how to obtain it); bad_input: not a network
[[nodiscard]] Result<std::shared_ptr<const Network>> load_network(const std::string& path);

}  // namespace vedette::vision
