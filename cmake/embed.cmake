# Makes the files of web/ part of a room: each becomes an entry of page_files().
function(vedette_embed_page target)
  set(web ${PROJECT_SOURCE_DIR}/web)
  set(entries "")
  foreach(file IN ITEMS "index.html|/|text/html; charset=utf-8"
                        "live.css|/assets/live.css|text/css"
                        "live.js|/assets/live.js|text/javascript"
                        "icon.svg|/assets/icon.svg|image/svg+xml")
    string(REGEX MATCH "^[^|]*" name "${file}")
    string(REGEX REPLACE "^[^|]*\\|([^|]*)\\|.*$" "\\1" path "${file}")
    string(REGEX REPLACE "^.*\\|" "" type "${file}")
    file(READ ${web}/${name} content)
    string(APPEND entries "      {\"${path}\", \"${type}\", R\"vedette(${content})vedette\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${web}/${name})
  endforeach()
  configure_file(${web}/embedded.cpp.in ${PROJECT_BINARY_DIR}/web/embedded.cpp @ONLY)
  target_sources(${target} PRIVATE ${PROJECT_BINARY_DIR}/web/embedded.cpp)
endfunction()
