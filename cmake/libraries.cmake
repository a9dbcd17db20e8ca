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
find_package(PNG REQUIRED)
find_package(TIFF REQUIRED)
find_package(GIF REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

# Debian's OpenCV modules come without a CMake config unless all of them (and Qt) are installed.
add_library(opencv INTERFACE)
target_include_directories(opencv SYSTEM INTERFACE /usr/include/opencv4)
target_link_libraries(opencv INTERFACE opencv_core opencv_imgproc)
# Brings GDAL and 120 libraries more, half a second and 40 MB a start: for tests and bench alone.
add_library(opencv_codecs INTERFACE)
target_link_libraries(opencv_codecs INTERFACE opencv -Wl,--as-needed opencv_imgcodecs)

find_library(WEBP_LIBRARY webp REQUIRED)
add_library(webp INTERFACE)
target_link_libraries(webp INTERFACE ${WEBP_LIBRARY})

find_library(TURBOJPEG_LIBRARY turbojpeg REQUIRED)
add_library(turbojpeg INTERFACE)
target_link_libraries(turbojpeg INTERFACE ${TURBOJPEG_LIBRARY})

# OpenVINO is the PyPI wheel of which the set-up unpacks what a program on a CPU needs. The CMake
# config that comes with it wants all of the wheel, so its one library is named here.
set(VEDETTE_DEPS ${PROJECT_SOURCE_DIR}/.deps CACHE PATH "Folder that tools/setup.sh fills")
set(openvino ${VEDETTE_DEPS}/openvino/openvino)
file(GLOB openvino_library ${openvino}/libs/libopenvino.so.*)
if(NOT openvino_library)
  message(FATAL_ERROR "OpenVINO is not in ${VEDETTE_DEPS}: run ./run --prepare, which fetches it")
endif()
add_library(openvino::runtime SHARED IMPORTED)
set_target_properties(openvino::runtime PROPERTIES
                      IMPORTED_LOCATION ${openvino_library}
                      INTERFACE_INCLUDE_DIRECTORIES ${openvino}/include)
# OpenVINO's TBB is newer than Debian's, which OpenCV would bring: a program that names it has it
# first, and both use it.
target_link_libraries(openvino::runtime INTERFACE
  -Wl,--push-state,--no-as-needed,${openvino}/libs/libtbb.so.12,--pop-state)
