# A room is one folder of src/: one library, whose headers only those rooms can include that
# name it in SEES. A room must be declared after the rooms it sees, so no circle can arise.
#
#   vedette_room(ingest SEES base LINKS Boost::headers)
#
# SEES   rooms whose headers its own may include; they reach its users too
# LINKS  libraries from outside
# WHOLE  keep every object file, also those that only register themselves (blocks, sinks);
#        a program has to name such a room itself, not through another
function(vedette_room room)
  cmake_parse_arguments(ARG "WHOLE" "" "SEES;LINKS" ${ARGN})
  foreach(seen IN LISTS ARG_SEES)
    if(NOT TARGET vedette_${seen})
      message(FATAL_ERROR "room ${room} sees ${seen}, which comes after it or does not exist")
    endif()
  endforeach()

  # "ingest/frame_link.hpp" is found through a folder that holds this room and no other.
  set(door ${PROJECT_BINARY_DIR}/rooms/${room})
  file(MAKE_DIRECTORY ${door})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${room} ${door}/${room} SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${room}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT sources)
    set(kind INTERFACE)
    add_library(vedette_${room} INTERFACE)
  else()
    set(kind PUBLIC)
    if(ARG_WHOLE)
      add_library(vedette_${room} OBJECT ${sources})
    else()
      add_library(vedette_${room} STATIC ${sources})
    endif()
  endif()
  target_include_directories(vedette_${room} ${kind} ${door})
  list(TRANSFORM ARG_SEES PREPEND vedette_)
  target_link_libraries(vedette_${room} ${kind} ${ARG_SEES} ${ARG_LINKS})
endfunction()

# The tests of a room stand in tests/<room>/ and become one program.
function(vedette_room_test room)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${room}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${room}_test ${sources})
  target_link_libraries(${room}_test PRIVATE vedette_${room} GTest::gtest_main opencv_codecs)
  target_compile_definitions(${room}_test PRIVATE
                             VEDETTE_FIXTURES="${PROJECT_SOURCE_DIR}/tests/fixtures")
  gtest_discover_tests(${room}_test TEST_PREFIX ${room}. NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60)
endfunction()
