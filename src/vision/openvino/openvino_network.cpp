#include <algorithm>
#include <filesystem>
#include <mutex>
#include <numeric>
#include <openvino/op/constant.hpp>
#include <openvino/openvino.hpp>
#include <optional>
#include <sys/mman.h>
#include <unistd.h>

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

/// The weights have been laid out anew for the processor: pages of the model's file that were
/// mapped to read them need not stay in memory. Elsewhere than in such pages nothing happens.
void let_pages_go(const ov::Model& model) {
  static const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (const auto& op : model.get_ops()) {
    const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(op);
    if (!constant) continue;
    const auto address = reinterpret_cast<std::uintptr_t>(constant->get_data_ptr());
    const auto begin = (address + page - 1) / page * page;
    const auto end = (address + constant->get_byte_size()) / page * page;
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_PAGEOUT);
  }
}

/// As many requests at once as there are streams, each on a core of its own. They run on
/// OpenVINO's threads while those that ask wait, so no more threads work than ask.
ov::CompiledModel compile(const std::string& path, const ov::PartialShape& shape,
                          std::size_t streams) {
  const auto count = static_cast<std::int32_t>(streams);
  const auto model = core().read_model(path);
  model->reshape(shape);
  auto compiled = core().compile_model(
      model, "CPU",
      {ov::hint::performance_mode(ov::hint::PerformanceMode::THROUGHPUT), ov::num_streams(count),
       ov::inference_num_threads(count), ov::hint::inference_precision(ov::element::f32),
       ov::hint::enable_cpu_pinning(false)});
  let_pages_go(*model);
  return compiled;
}

class OpenVinoNetwork final : public Network, public std::enable_shared_from_this<OpenVinoNetwork> {
 public:
  OpenVinoNetwork(std::string path, NetworkSettings settings)
      : path_(std::move(path)),
        name_(std::filesystem::path(path_).stem().string()),
        settings_(std::move(settings)),
        usual_(compile(path_, ov::Shape(settings_.usual.sides.begin(), settings_.usual.sides.end()),
                       settings_.streams)) {}

  [[nodiscard]] Result<std::unique_ptr<Session>> open() const override;
  [[nodiscard]] const std::string& name() const override { return name_; }

  /// The usual shape, or one that differs from it in height and width alone.
  [[nodiscard]] bool takes(const TensorShape& shape) const {
    const auto& usual = settings_.usual.sides;
    return shape == settings_.usual || (usual.size() == 4 && shape.sides.size() == 4 &&
                                        shape.sides[0] == usual[0] && shape.sides[1] == usual[1]);
  }
  [[nodiscard]] bool is_usual(const TensorShape& shape) const { return shape == settings_.usual; }
  [[nodiscard]] ov::CompiledModel for_usual() const { return usual_; }

  /// Compiled for pictures of any size when the first is there; others wait.
  [[nodiscard]] ov::CompiledModel for_any() const {
    const std::lock_guard lock(mutex_);
    if (!any_) {
      ov::PartialShape shape(
          std::vector<ov::Dimension>(settings_.usual.sides.begin(), settings_.usual.sides.end()));
      std::fill(shape.begin() + 2, shape.end(), ov::Dimension::dynamic());
      any_ = compile(path_, shape, settings_.streams);
    }
    return *any_;
  }

 private:
  const std::string path_, name_;
  const NetworkSettings settings_;
  const ov::CompiledModel usual_;
  mutable std::mutex mutex_;                      ///< guards:
  mutable std::optional<ov::CompiledModel> any_;  ///< its threads and memory only where needed
};

class OpenVinoSession final : public Session {
 public:
  explicit OpenVinoSession(std::shared_ptr<const OpenVinoNetwork> network)
      : network_(std::move(network)), usual_(network_->for_usual()) {}

  Result<std::span<float>> input(const TensorShape& shape) override {
    current_ = nullptr;
    if (!network_->takes(shape)) {
      return fail(Errc::bad_input, "model " + network_->name() +
                                       " takes other heights and widths, but no other batches, "
                                       "channels or ranks than its usual ones");
    }
    try {
      if (network_->is_usual(shape)) {
        current_ = &usual_;
      } else {
        if (!any_) any_.emplace(network_->for_any());
        any_->request.get_input_tensor().set_shape({shape.sides.begin(), shape.sides.end()});
        current_ = &*any_;
      }
      ov::Tensor tensor = current_->request.get_input_tensor();
      return std::span(tensor.data<float>(), tensor.get_size());
    } catch (const std::exception& error) {
      return failed(error);
    }
  }

  Result<std::span<const TensorView>> run() override {
    if (!current_) return fail(Errc::bad_input, "model " + network_->name() + ": no input yet");
    try {
      current_->request.infer();
      return current_->view_outputs();
    } catch (const std::exception& error) {
      return failed(error);
    }
  }

 private:
  struct Request {
    explicit Request(ov::CompiledModel compiled)
        : request(compiled.create_infer_request()), ports(compiled.outputs()) {
      for (const auto& port : ports) outputs.push_back({.name = *port.get_names().begin()});
    }

    std::span<const TensorView> view_outputs() {
      for (std::size_t i = 0; i < ports.size(); ++i) {
        const ov::Tensor tensor = request.get_tensor(ports[i]);
        const ov::Shape& sides = tensor.get_shape();
        outputs[i].shape.sides.assign(sides.begin(), sides.end());
        outputs[i].data = {tensor.data<const float>(), tensor.get_size()};
      }
      return outputs;
    }

    ov::InferRequest request;
    std::vector<ov::Output<const ov::Node>> ports;  ///< own the names in `outputs`
    std::vector<TensorView> outputs;
  };

  [[nodiscard]] std::unexpected<Error> failed(const std::exception& error) const {
    return fail(Errc::io, "model " + network_->name() + ": " + last_line(error.what()));
  }

  std::shared_ptr<const OpenVinoNetwork> network_;
  Request usual_;
  std::optional<Request> any_;
  Request* current_ = nullptr;  ///< the one of both that input() chose
};

Result<std::unique_ptr<Session>> OpenVinoNetwork::open() const {
  try {
    return std::make_unique<OpenVinoSession>(shared_from_this());
  } catch (const std::exception& error) {
    return fail(Errc::io, "model " + name_ + ": " + last_line(error.what()));
  }
}

}  // namespace

std::size_t TensorShape::count() const {
  return std::accumulate(sides.begin(), sides.end(), std::size_t{1}, [](std::size_t n, auto side) {
    return n * static_cast<std::size_t>(side);
  });
}

Result<std::shared_ptr<const Network>> load_network(const std::string& path,
                                                    NetworkSettings settings) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return fail(Errc::not_found, "model " + path +
                                     " is not there: obtain it with python3 "
                                     "tools/models/get_models.py, or set the folder of the models");
  }
  try {
    return std::make_shared<OpenVinoNetwork>(path, std::move(settings));
  } catch (const std::exception& error) {
    return fail(Errc::bad_input, "model " + path + ": " + last_line(error.what()));
  }
}

}  // namespace vedette::vision
