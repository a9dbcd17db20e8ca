#include "server/python.hpp"

#include "blocks/python/python_blocks.hpp"
#include "server/builder.hpp"
#include "server/settings.hpp"

namespace vedette::server {
namespace {

namespace python = blocks::python;

python::Network network_of(const Value& value) {
  python::Network network;
  if (value.is_string()) {
    network.reach =
        value.string() == "none" ? python::Network::Reach::none : python::Network::Reach::all;
    return network;
  }
  network.reach = python::Network::Reach::listed;
  for (const Value& one : value.list()) network.listed.emplace_back(one.string());
  return network;
}

}  // namespace

std::shared_ptr<workflow::DynamicBlocks> make_python_blocks(const Config& config) {
  const Folders folders = folders_of(config);
  python::Settings settings;
  settings.enabled = config[keys::python_enabled];
  settings.interpreter = folders.python;
  settings.package = folders.python_package;
  settings.workers = config[keys::python_workers];
  settings.timeout = config[keys::python_timeout];
  settings.memory = config[keys::python_memory];
  settings.network = network_of(config[keys::python_network]);
  settings.path = config[keys::python_path];
  settings.environment = config[keys::blocks_env];
  return std::make_shared<python::PythonBlocks>(std::move(settings));
}

}  // namespace vedette::server
