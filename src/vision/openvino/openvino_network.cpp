#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <numeric>
#include <openvino/openvino.hpp>

#include "vision/session.hpp"

namespace vedette::vision {
namespace {

/// One a process; never destroyed, because its plugins' threads outlive static destructors.
ov::Core& core() {
  static ov::Core& the_core = *new ov::Core;
  return the_core;
}

/// OpenVINO's messages begin with its own source lines; the last line says what is wrong.
std::string last_line(std::string_view message) {
  while (!message.empty() && message.back() == '\n') message.remove_suffix(1);
  const auto end_of_others = message.rfind('\n');
  return std::string(end_of_others == message.npos ? message : message.substr(end_of_others + 1));
}

/// As many requests at once as there are streams, each on one core. Pinning would tie the
/// threads that call us to cores of OpenVINO's choice.
ov::AnyMap configuration(const NetworkLimits& limits) {
  const auto streams = static_cast<std::int32_t>(limits.streams);
  return {ov::hint::performance_mode(ov::hint::PerformanceMode::THROUGHPUT),
          ov::num_streams(streams), ov::inference_num_threads(streams),
          ov::hint::inference_precision(ov::element::f32), ov::hint::enable_cpu_pinning(false)};
}

class OpenVinoNetwork final : public Network, public std::enable_shared_from_this<OpenVinoNetwork> {
 public:
  OpenVinoNetwork(std::string path, std::shared_ptr<ov::Model> model, NetworkLimits limits)
      : path_(std::move(path)),
        name_(std::filesystem::path(path_).stem().string()),
        limits_(limits),
        just_read_(std::move(model)) {}

  [[nodiscard]] Result<std::unique_ptr<Session>> open() const override;
  [[nodiscard]] const std::string& name() const override { return name_; }

  /// Compiled for that shape, by the first who asks while others wait. What was read is let go
  /// then: for another shape the file is read again, which costs less than keeping the weights.
  Result<ov::CompiledModel> compiled(const TensorShape& shape) const {
    const std::lock_guard lock(mutex_);
    if (const auto known = by_shape_.find(shape); known != by_shape_.end()) return known->second;
    if (by_shape_.size() == limits_.shapes) {
      return fail(Errc::too_large, "model " + name_ + ": more than " +
                                       std::to_string(limits_.shapes) + " shapes of input");
    }
    try {
      const auto kept = std::exchange(just_read_, nullptr);
      const auto model = kept ? kept : core().read_model(path_);
      model->reshape(ov::PartialShape(ov::Shape(shape.sides.begin(), shape.sides.end())));
      const auto made = core().compile_model(model, "CPU", configuration(limits_));
      return by_shape_.emplace(shape, made).first->second;
    } catch (const std::exception& error) {
      return fail(Errc::io, "model " + name_ + ": " + last_line(error.what()));
    }
  }

 private:
  const std::string path_, name_;
  const NetworkLimits limits_;
  mutable std::mutex mutex_;                      ///< guards:
  mutable std::shared_ptr<ov::Model> just_read_;  ///< null once it has been compiled
  mutable std::map<TensorShape, ov::CompiledModel> by_shape_;
};

/// A request for one shape, with what its memory looks like from outside.
struct Request {
  explicit Request(ov::CompiledModel compiled)
      : model(std::move(compiled)), request(model.create_infer_request()) {
    ov::Tensor tensor = request.get_input_tensor();
    input = {tensor.data<float>(), tensor.get_size()};
    for (const auto& output : model.outputs()) {
      const ov::Tensor made = request.get_tensor(output);
      const ov::Shape& sides = made.get_shape();
      outputs.push_back({.name = *output.get_names().begin(),
                         .shape = {{sides.begin(), sides.end()}},
                         .data = {made.data<const float>(), made.get_size()}});
    }
  }

  ov::CompiledModel model;  ///< owns the names in `outputs`
  ov::InferRequest request;
  std::span<float> input;
  std::vector<TensorView> outputs;
};

class OpenVinoSession final : public Session {
 public:
  explicit OpenVinoSession(std::shared_ptr<const OpenVinoNetwork> network)
      : network_(std::move(network)) {}

  Result<std::span<float>> input(const TensorShape& shape) override {
    auto known = requests_.find(shape);
    if (known == requests_.end()) {
      auto compiled = network_->compiled(shape);
      if (!compiled) return fail(std::move(compiled).error());
      try {
        known = requests_.try_emplace(shape, *std::move(compiled)).first;
      } catch (const std::exception& error) {
        return failed(error);
      }
    }
    current_ = &known->second;
    return current_->input;
  }

  Result<std::span<const TensorView>> run() override {
    if (!current_) return fail(Errc::bad_input, "model " + network_->name() + ": no input yet");
    try {
      current_->request.infer();
    } catch (const std::exception& error) {
      return failed(error);
    }
    return current_->outputs;
  }

 private:
  [[nodiscard]] std::unexpected<Error> failed(const std::exception& error) const {
    return fail(Errc::io, "model " + network_->name() + ": " + last_line(error.what()));
  }

  std::shared_ptr<const OpenVinoNetwork> network_;
  std::map<TensorShape, Request> requests_;  ///< a map, so that `current_` stays where it is
  Request* current_ = nullptr;
};

Result<std::unique_ptr<Session>> OpenVinoNetwork::open() const {
  return std::make_unique<OpenVinoSession>(shared_from_this());
}

}  // namespace

std::size_t TensorShape::count() const {
  return std::accumulate(sides.begin(), sides.end(), std::size_t{1}, [](std::size_t n, auto side) {
    return n * static_cast<std::size_t>(side);
  });
}

Result<std::shared_ptr<const Network>> load_network(const std::string& path, NetworkLimits limits) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return fail(Errc::not_found, "model " + path +
                                     " is not there: obtain it with python3 "
                                     "tools/models/get_models.py, or set the folder of the models");
  }
  try {
    auto model = core().read_model(path);
    if (model->inputs().size() != 1 || model->input().get_element_type() != ov::element::f32) {
      return fail(Errc::bad_input, "model " + path + " does not take one tensor of floats");
    }
    return std::make_shared<OpenVinoNetwork>(path, std::move(model), limits);
  } catch (const std::exception& error) {
    return fail(Errc::bad_input, "model " + path + ": " + last_line(error.what()));
  }
}

}  // namespace vedette::vision
