# What we take from outside; docs/dependencies.md gives the reason and the licence of each.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GIF REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

# Debian's OpenCV modules come without a CMake config unless all of them (and Qt) are installed.
add_library(opencv INTERFACE)
target_include_directories(opencv SYSTEM INTERFACE /usr/include/opencv4)
target_link_libraries(opencv INTERFACE opencv_core opencv_imgproc opencv_imgcodecs)

find_library(TURBOJPEG_LIBRARY turbojpeg REQUIRED)
add_library(turbojpeg INTERFACE)
target_link_libraries(turbojpeg INTERFACE ${TURBOJPEG_LIBRARY})

# OpenVINO is the PyPI wheel that the set-up unpacks; it carries headers and a CMake config.
set(VEDETTE_DEPS ${PROJECT_SOURCE_DIR}/.deps CACHE PATH "Folder that tools/setup.sh fills")
file(GLOB openvino_config ${VEDETTE_DEPS}/openvino/openvino/cmake)
find_package(OpenVINO REQUIRED COMPONENTS Runtime PATHS ${openvino_config} NO_DEFAULT_PATH)
