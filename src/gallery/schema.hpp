#pragma once
/// The tables of the gallery, and how those of older programs become them.

#include <span>
#include <string>

#include "gallery/database.hpp"

namespace vedette::gallery {

/// Opens `folder`/gallery.sqlite, or makes it, at this program's version. An older one is copied
/// to `folder`/backups/gallery-v<version>-<time>.sqlite first.
/// fails  io; bad_input: made by a newer program, which is left as it is
[[nodiscard]] Result<Database> open_tables(const std::string& folder);

/// Takes the people and photos of these ids out of every backup, so that nothing of them is left
/// there. Every version keeps `person.id`, `photo.id`, and that photos go with their person.
[[nodiscard]] Result<void> erase_in_backups(const std::string& folder,
                                            std::span<const std::string> ids);

}  // namespace vedette::gallery
