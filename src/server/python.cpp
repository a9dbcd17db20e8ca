#include "server/python.hpp"

namespace vedette::server {

std::shared_ptr<workflow::DynamicBlocks> make_python_blocks(const Config&) { return nullptr; }

}  // namespace vedette::server
