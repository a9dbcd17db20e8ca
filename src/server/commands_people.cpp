#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>

#include "base/json.hpp"
#include "server/builder.hpp"
#include "server/commands.hpp"
#include "server/progress.hpp"

namespace vedette::server {
namespace fs = std::filesystem;
namespace {

using gallery::Person, gallery::Photo;

Exit complain(const std::string& what, Exit exit = Exit::failed) {
  fmt::print(stderr, "vedette: {}\n", what);
  return exit;
}

/// The house of a data folder, with its gallery. A server may have the same folder open: it
/// learns of what is written here within a second.
std::unique_ptr<api::House> open(const Invocation& invocation, Exit& exit) {
  const auto config = load_config(invocation);
  exit = Exit::configuration;
  if (!config) return nullptr;
  auto house = build_house(*config);
  if (!house) {
    exit = complain(house.error().what, house.error().exit);
    return nullptr;
  }
  if (auto opened = open_house(**house, *config, true); !opened) {
    exit = complain(opened.error().what, opened.error().exit);
    return nullptr;
  }
  exit = Exit::ok;
  return std::move(*house);
}

/// Everybody, a page at a time.
Result<void> each_person(const gallery::Gallery& gallery, const std::string& query,
                         const std::function<void(const Person&)>& deed) {
  constexpr std::size_t page = 500;
  std::string after;
  for (;;) {
    const auto people =
        gallery.people({.name_contains = query, .group = {}, .after = after, .limit = page});
    if (!people) return fail(people.error());
    for (const Person& person : *people) deed(person);
    if (people->size() < page) return {};
    after = people->back().id;
  }
}

bool is_picture(const fs::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](char c) { return static_cast<char>(c | 32); });
  constexpr std::array<std::string_view, 8> endings{".jpg",  ".jpeg", ".png",  ".bmp",
                                                    ".webp", ".tif",  ".tiff", ".gif"};
  return std::ranges::find(endings, ending) != endings.end();
}

vision::SharedBytes read_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::make_shared<const vision::Bytes>(std::istreambuf_iterator<char>(file),
                                               std::istreambuf_iterator<char>());
}

struct Enrollee {
  std::string name;
  std::vector<fs::path> photos;
};

Result<std::vector<Enrollee>> enrollees(const std::string& folder) {
  std::error_code error;
  std::vector<Enrollee> all;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!entry.is_directory()) continue;
    Enrollee one{entry.path().filename().string(), {}};
    for (const auto& file : fs::directory_iterator(entry.path(), error)) {
      if (file.is_regular_file() && is_picture(file.path())) one.photos.push_back(file.path());
    }
    std::ranges::sort(one.photos);
    if (!one.photos.empty()) all.push_back(std::move(one));
  }
  if (error) return fail(Errc::io, folder + ": " + error.message());
  if (all.empty()) {
    return fail(Errc::not_found, folder + ": no folder NAME with pictures in it");
  }
  std::ranges::sort(all, {}, &Enrollee::name);
  return all;
}

/// One enrolment of a whole folder.
class Enrolment {
 public:
  Enrolment(api::House& house, const EnrollCommand& command, bool json, std::size_t total)
      : house_(house), command_(command), json_(json), progress_(total) {}

  Result<void> find_known() {
    return each_person(*house_.gallery, {}, [this](const Person& person) {
      known_.try_emplace(person.name, person.id);
    });
  }

  Result<void> enrol(const Enrollee& one) {
    const auto known = known_.find(one.name);
    std::string id = known == known_.end() ? std::string() : known->second;
    const bool is_new = id.empty() && !command_.dry_run;
    if (is_new) {
      Person person;
      person.name = one.name;
      const auto added = house_.gallery->add_person(std::move(person));
      if (!added) return fail(added.error());
      id = added->id;
    }
    std::atomic<std::size_t> kept = 0;
    std::vector<std::function<void()>> work;
    for (const fs::path& path : one.photos) {
      work.emplace_back([this, &one, &id, &path, &kept] {
        const auto photo = judge(id, path);
        if (photo && is_good(*photo)) ++kept;
        tell(one.name, path, photo);
      });
    }
    house_.compute->run_all(work);
    if (is_new && kept == 0) return house_.gallery->erase_person(id);
    people_ += kept > 0 ? 1 : 0;
    return {};
  }

  Exit finish() {
    if (json_) {
      fmt::print("{}\n", json::write_pretty(Dict{{"people", people_},
                                                 {"kept", kept_},
                                                 {"known", known_photos_},
                                                 {"refused", refused_},
                                                 {"dry_run", command_.dry_run},
                                                 {"photos", told_}}));
    } else {
      progress_.print(fmt::format("{} people; {} photos {}, {} there already, {} refused", people_,
                                  kept_, command_.dry_run ? "would be kept" : "kept", known_photos_,
                                  refused_));
    }
    return refused_ > 0 ? Exit::failed : Exit::ok;
  }

 private:
  Result<Photo> judge(const std::string& person, const fs::path& path) {
    const auto bytes = read_bytes(path);
    return command_.dry_run ? house_.gallery->judge_photo(person, bytes)
                            : house_.gallery->add_photo(person, bytes, command_.force);
  }

  [[nodiscard]] bool is_good(const Photo& photo) const {
    return photo.known || gallery::is_kept(photo.verdict) ||
           (command_.force && photo.verdict != gallery::Verdict::no_face);
  }

  void tell(const std::string& name, const fs::path& path, const Result<Photo>& photo) {
    const bool good = photo && is_good(*photo);
    std::string verdict = photo ? std::string(gallery::verdict_name(photo->verdict)) : "unreadable";
    std::string remark;
    if (!photo) {
      remark = photo.error().what;
    } else if (photo->known) {
      remark = "there already";
    } else if (!photo->like.empty()) {
      remark = fmt::format("{} at {:.2f}", photo->like, photo->like_score);
    }
    const std::string file = path.filename().string();
    {
      const std::scoped_lock lock(mutex_);
      (photo && photo->known ? known_photos_ : good ? kept_ : refused_) += 1;
      told_.emplace_back(Dict{{"person", name},
                              {"file", path.string()},
                              {"verdict", verdict},
                              {"kept", good},
                              {"known", photo && photo->known},
                              {"remark", remark.empty() ? Value() : Value(remark)}});
    }
    if (!json_) {
      progress_.print(fmt::format("{} {}/{}{}", colored(fmt::format("{:<10}", verdict), good), name,
                                  file, remark.empty() ? "" : "  " + remark));
    }
    progress_.step();
  }

  api::House& house_;
  const EnrollCommand& command_;
  bool json_;
  Progress progress_;
  std::map<std::string, std::string, std::less<>> known_;  // ids by name
  std::mutex mutex_;
  std::int64_t people_ = 0, kept_ = 0, known_photos_ = 0, refused_ = 0;
  List told_;
};

Dict summary(const Person& person) {
  return {{"id", person.id},
          {"name", person.name},
          {"external_id", person.external_id ? Value(*person.external_id) : Value()},
          {"photos", static_cast<std::int64_t>(person.photos.size())},
          {"created", rfc3339(person.created)}};
}

constexpr std::string_view export_index = "people.json";

}  // namespace

Exit enroll(const Invocation& invocation, const EnrollCommand& command) {
  const auto all = enrollees(command.folder);
  if (!all) return complain(all.error().what);
  Exit exit = Exit::ok;
  const auto house = open(invocation, exit);
  if (!house) return exit;
  std::size_t total = 0;
  for (const Enrollee& one : *all) total += one.photos.size();
  Enrolment enrolment(*house, command, invocation.json, total);
  if (auto known = enrolment.find_known(); !known) return complain(known.error().what);
  for (const Enrollee& one : *all) {
    if (auto done = enrolment.enrol(one); !done) return complain(done.error().what);
  }
  return enrolment.finish();
}

Exit people_list(const Invocation& invocation, const std::string& query) {
  Exit exit = Exit::ok;
  const auto house = open(invocation, exit);
  if (!house) return exit;
  List people;
  const auto done = each_person(*house->gallery, query, [&](const Person& person) {
    if (invocation.json) {
      people.emplace_back(summary(person));
    } else {
      fmt::print("{}  {:>3} photos  {}\n", person.id, person.photos.size(), person.name);
    }
  });
  if (!done) return complain(done.error().what);
  if (invocation.json) fmt::print("{}\n", json::write_pretty(people));
  return Exit::ok;
}

Exit people_remove(const Invocation& invocation, const std::vector<std::string>& people) {
  Exit exit = Exit::ok;
  const auto house = open(invocation, exit);
  if (!house) return exit;
  for (const std::string& id : people) {
    if (auto done = house->gallery->erase_person(id); !done) {
      exit = complain(done.error().what);
    } else if (!invocation.json) {
      fmt::print("erased {}\n", id);
    }
  }
  if (invocation.json) fmt::print("{}\n", json::write_pretty(Dict{{"ok", exit == Exit::ok}}));
  return exit;
}

Exit people_export(const Invocation& invocation, const std::string& folder) {
  Exit exit = Exit::ok;
  const auto house = open(invocation, exit);
  if (!house) return exit;
  std::error_code error;
  if (fs::exists(folder, error)) return complain(folder + ": is there already");
  fs::create_directories(folder, error);
  if (error) return complain(folder + ": " + error.message());
  List index;
  std::string failure;
  const auto time = [](const auto& moment) { return moment ? Value(rfc3339(*moment)) : Value(); };
  const auto done = each_person(*house->gallery, {}, [&](const Person& person) {
    fs::create_directories(fs::path(folder) / person.id, error);
    List photos;
    for (const Photo& photo : person.photos) {
      const std::string file = person.id + "/" + photo.id;
      const auto bytes = house->gallery->photo_bytes(person.id, photo.id);
      std::ofstream out(fs::path(folder) / file, std::ios::binary);
      if (bytes) {
        out.write(reinterpret_cast<const char*>(bytes->data()),
                  static_cast<std::streamsize>(bytes->size()));
      }
      if (!bytes || !out) failure = file + " could not be written";
      photos.emplace_back(file);
    }
    Dict one = summary(person);
    one.set("valid_from", time(person.valid_from));
    one.set("valid_to", time(person.valid_to));
    one.set("attributes", person.attributes);
    one.set("photos", std::move(photos));
    index.emplace_back(std::move(one));
  });
  if (!done) return complain(done.error().what);
  std::ofstream out(fs::path(folder) / export_index);
  out << json::write_pretty(index) << '\n';
  if (!out || !failure.empty())
    return complain(failure.empty() ? folder + ": disk full?" : failure);
  fmt::print("{} people written to {}\n", index.size(), folder);
  return Exit::ok;
}

Exit people_import(const Invocation& invocation, const std::string& folder) {
  Exit exit = Exit::ok;
  const auto house = open(invocation, exit);
  if (!house) return exit;
  const auto bytes = read_bytes(fs::path(folder) / export_index);
  const auto index = json::read(std::string(bytes->begin(), bytes->end()), json::strict);
  if (!index || !index->is_list()) {
    return complain(fmt::format("{}/{}: is not what `people export` writes", folder, export_index));
  }
  Progress progress(index->list().size());
  std::size_t refused = 0;
  const auto time = [](const Value& value) -> std::optional<Clock::time_point> {
    if (!value.is_string()) return std::nullopt;
    const auto moment = read_rfc3339(value.string());
    return moment ? std::optional(*moment) : std::nullopt;
  };
  for (const Value& one : index->list()) {
    if (!one.is_dict() || !one.dict()["name"].is_string()) continue;
    const Dict& told = one.dict();
    Person person;
    person.name = told["name"].string();
    if (told["external_id"].is_string()) person.external_id = told["external_id"].string();
    person.valid_from = time(told["valid_from"]);
    person.valid_to = time(told["valid_to"]);
    if (told["attributes"].is_dict()) person.attributes = told["attributes"].dict();
    const auto added = house->gallery->add_person(std::move(person));
    if (!added) return complain(added.error().what);
    if (told["photos"].is_list()) {
      for (const Value& photo : told["photos"].list()) {
        const fs::path file = fs::path(folder) / photo.string();
        if (!house->gallery->add_photo(added->id, read_bytes(file), true)) ++refused;
      }
    }
    progress.step();
  }
  progress.print(fmt::format("{} people read, {} photos refused", index->list().size(), refused));
  return refused > 0 ? Exit::failed : Exit::ok;
}

}  // namespace vedette::server
