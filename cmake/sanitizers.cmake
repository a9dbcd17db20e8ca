# Sanitizers apply to everything that we build, so that a report names our lines.
if(VEDETTE_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=address,undefined)
elseif(VEDETTE_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=thread)
elseif(VEDETTE_SANITIZE)
  message(FATAL_ERROR "VEDETTE_SANITIZE is '${VEDETTE_SANITIZE}'; it takes address or thread")
endif()
if(VEDETTE_FUZZ)  # what is fuzzed says which of its branches were taken
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=address,undefined)
endif()
# GCC 12 loses track of std::regex's insides when it instruments them.
if(VEDETTE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set_source_files_properties(src/workflow/definition.cpp src/workflow/read_kinds.cpp
                              PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
endif()
