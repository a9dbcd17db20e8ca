#pragma once
/// One conversation with one worker: to load a block there, and to run it.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/compute_pool.hpp"
#include "blocks/python/failure.hpp"
#include "blocks/python/pool.hpp"
#include "workflow/dynamic.hpp"

namespace vedette::blocks::python {

/// A block as workers know it.
struct Code {
  std::int64_t number = 0;
  std::string load;  ///< the frame that makes a worker load it
  std::shared_ptr<const workflow::DynamicBlock> definition;
};

class Call {
 public:
  using OnRow = std::function<workflow::Outcome<void>(std::size_t row, const Value& result)>;

  Call(Pool& pool, const Code& code) : pool_(pool), code_(code) {}

  /// Takes a worker and has it load the block where it does not know it yet.
  /// fails  as the user's code, when it is loaded or in init(); also where no worker is to be had
  [[nodiscard]] workflow::Outcome<void> begin();

  /// Runs the block, after begin(): once for each row of arguments, in order.
  ///
  /// frame     the call
  /// pictures  that the user's code may read, by number
  /// on_row    is given each result, in which boxes are still as wire.hpp has them
  /// fails     as the user's code, or as on_row
  [[nodiscard]] workflow::Outcome<void> run(std::string_view frame, std::size_t rows,
                                            std::span<const Value> pictures, const OnRow& on_row);

  /// The big pieces of the result that on_row is given.
  [[nodiscard]] std::string_view memory() const { return frame_.memory; }
  /// What was printed since the row before.
  [[nodiscard]] const Printed& out() const { return out_; }
  [[nodiscard]] const Printed& err() const { return err_; }
  /// What was traced, once run() has ended; null: nobody asked.
  [[nodiscard]] const Value& traces() const { return traces_; }

 private:
  /// What came from the streams together with a row, but was printed by the rows after it.
  void leave_to_next(const Value& printed);
  Result<Pool::Lease> acquire();
  Result<void> send(std::string_view frame);
  Result<Frame> await();
  workflow::Outcome<List> next(std::span<const Value> pictures);
  Result<void> serve_picture(const List& request, std::span<const Value> pictures);
  workflow::Problem give_up(const Error& error);
  workflow::Problem problem(Failure failure) const;

  Pool& pool_;
  const Code& code_;
  std::optional<Pool::Lease> lease_;
  std::optional<ComputePool::StepAside> aside_;
  Deadline began_{};  // to load, or to run the row
  Frame frame_;       // that came last
  Printed out_, err_;
  Value traces_;
};

}  // namespace vedette::blocks::python
