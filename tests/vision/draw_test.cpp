#include "vision/draw.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/json.hpp"
#include "fixture.hpp"

namespace vedette::vision {
namespace {

// Goldens are made by tools/make_draw_goldens.py, whose words for a case are read here.

constexpr int width = 200, height = 150;

cv::Mat background() {
  cv::Mat pixels(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      pixels.at<cv::Vec3b>(y, x) = {static_cast<std::uint8_t>(x),
                                    static_cast<std::uint8_t>(x / 2 + y),
                                    static_cast<std::uint8_t>(255 - y)};
    }
  }
  return pixels;
}

/// The lower left triangle of a box.
std::shared_ptr<const cv::Mat> triangle(const Box& box) {
  auto mask = std::make_shared<cv::Mat>(cv::Mat::zeros(height, width, CV_8UC1));
  const int left = static_cast<int>(box.left), top = static_cast<int>(box.top);
  for (int y = top; y < static_cast<int>(box.bottom); ++y) {
    for (int x = left; x < static_cast<int>(box.right) && x - left <= y - top; ++x) {
      mask->at<std::uint8_t>(y, x) = 1;
    }
  }
  return mask;
}

Detections read_detections(const Dict& drawn) {
  Detections detections;
  const bool has_masks = drawn["position"] == Value("CENTER_OF_MASS");
  detections.has_masks = has_masks;
  for (const Value& corners : drawn["boxes"].list()) {
    const List& c = corners.list();
    const std::size_t i = detections.rows.size();
    Detection row{.box = {c[0].number(), c[1].number(), c[2].number(), c[3].number()},
                  .class_id = static_cast<std::int64_t>(i)};
    if (drawn["class_ids"].is_list()) row.class_id = drawn["class_ids"].list()[i].integer();
    if (drawn["tracker_ids"].is_list()) row.tracker_id = drawn["tracker_ids"].list()[i].integer();
    if (has_masks && i != 1) row.mask = triangle(row.box);
    detections.rows.push_back(std::move(row));
  }
  return detections;
}

ColorAxis read_axis(const Value& name) {
  if (name == Value("INDEX")) return ColorAxis::index;
  return name == Value("TRACK") ? ColorAxis::track : ColorAxis::by_class;
}

LabelStyle read_label_style(const Dict& drawn) {
  static const std::map<std::string_view, LabelPosition> positions{
      {"CENTER", LabelPosition::center},
      {"CENTER_LEFT", LabelPosition::center_left},
      {"CENTER_RIGHT", LabelPosition::center_right},
      {"TOP_CENTER", LabelPosition::top_center},
      {"TOP_LEFT", LabelPosition::top_left},
      {"TOP_RIGHT", LabelPosition::top_right},
      {"BOTTOM_LEFT", LabelPosition::bottom_left},
      {"BOTTOM_CENTER", LabelPosition::bottom_center},
      {"BOTTOM_RIGHT", LabelPosition::bottom_right},
      {"CENTER_OF_MASS", LabelPosition::center_of_mass}};
  LabelStyle style;
  if (const Value* v = drawn.find("position")) style.position = positions.at(v->string());
  if (const Value* v = drawn.find("text")) style.text = read_color(v->string()).value();
  if (const Value* v = drawn.find("scale")) style.scale = v->number();
  if (const Value* v = drawn.find("thickness")) style.thickness = v->integer();
  if (const Value* v = drawn.find("padding")) style.padding = v->integer();
  if (const Value* v = drawn.find("radius")) style.border_radius = v->integer();
  return style;
}

Result<void> draw(cv::Mat& pixels, const Dict& drawn) {
  const Detections detections = read_detections(drawn);
  const Palette palette = make_palette("DEFAULT", 0, {}).value();
  const auto colors = pick_colors(detections, palette, read_axis(drawn["axis"]));
  if (!colors) return fail(colors.error());
  if (!drawn.find("labels")) {
    BoxStyle style{.thickness = drawn["thickness"].integer()};
    if (const Value* v = drawn.find("roundness")) style.roundness = v->number();
    return draw_boxes(pixels, detections, *colors, style);
  }
  std::vector<std::string> labels;
  for (const Value& label : drawn["labels"].list()) labels.emplace_back(label.string());
  return draw_labels(pixels, detections, labels, *colors, read_label_style(drawn));
}

TEST(Draw, EqualsSupervisionToThePixel) {
  const Value cases = json::read(read_text_fixture("draw/cases.json"), json::strict).value();
  ASSERT_GT(cases.list().size(), 30u);
  for (const Value& each : cases.list()) {
    const std::string name(each.dict()["name"].string());
    SCOPED_TRACE(name + " " + json::write(each));
    cv::Mat pixels = background();
    const auto done = draw(pixels, each.dict());
    ASSERT_TRUE(done) << done.error().what;
    EXPECT_EQ(difference(pixels, read_picture("draw/" + name + ".png")), 0);
  }
}

std::string hex(const Color& color) {
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", color.r, color.g, color.b);
  return text;
}

TEST(MakePalette, EqualsSupervision) {
  const Value cases = json::read(read_text_fixture("draw/palettes.json"), json::strict).value();
  ASSERT_GT(cases.list().size(), 100u);
  for (const Value& each : cases.list()) {
    const Dict& wanted = each.dict();
    const auto palette = make_palette(wanted["name"].string(), wanted["size"].integer(), {});
    ASSERT_TRUE(palette) << palette.error().what;
    List colors;
    for (const Color& color : *palette) colors.emplace_back(hex(color));
    EXPECT_EQ(Value(colors), wanted["colors"]) << json::write(each);
  }
}

TEST(MakePalette, TakesCustomColours) {
  const std::vector<std::string> custom{"#00f", "rgb(1, 2, 3)", "Grey"};
  EXPECT_EQ(make_palette("CUSTOM", 99, custom), (Palette{{0, 0, 255}, {1, 2, 3}, {128, 128, 128}}));
  EXPECT_EQ(make_palette("CUSTOM", 99, {}), Palette{});
}

TEST(MakePalette, RefusesWhatItDoesNotKnow) {
  for (const char* name : {"", "default", "Matplotlib ", "Matplotlib Jet", "Viridis"}) {
    EXPECT_EQ(make_palette(name, 10, {}).error().code, Errc::bad_input) << name;
  }
  EXPECT_FALSE(make_palette("Matplotlib Viridis", -1, {}));
  EXPECT_FALSE(make_palette("Matplotlib Viridis", 1'000'000'000, {}));
  EXPECT_FALSE(make_palette("CUSTOM", 1, std::vector<std::string>{"mauve-ish"}));
}

struct ColorCase {
  std::string text;
  Result<Color> color;
};

Result<Color> refused(std::string what) { return fail(Errc::bad_input, std::move(what)); }

TEST(ReadColor, ReadsAndRefusesAsThePeerDoes) {
  const std::string invalid_name =
      "; valid formats are #RRGGBB, rgb(R, G, B), bgr(B, G, R), or a valid color name (like "
      "WHITE, BLACK, or BLUE).";
  const ColorCase cases[] = {
      {"#fff", Color{255, 255, 255}},
      {"##Ff0000", Color{255, 0, 0}},
      {"#ff08", Color{255, 255, 0}},
      {"#11223344", Color{17, 34, 51}},
      {"#12345", refused("Invalid length of color hash")},
      {"#", refused("Invalid length of color hash")},
      {"#ggg", refused("Invalid characters in color hash")},
      {"rgb(1, 2, 3)", Color{1, 2, 3}},
      {"rgb( 1,+2,1_0 )", Color{1, 2, 10}},
      {"bgr(1,2,3)", Color{3, 2, 1}},
      {"rgb(1,2)", refused("not enough values to unpack (expected 3, got 2)")},
      {"rgb(1,2,3,4)", refused("too many values to unpack (expected 3)")},
      {"rgb(1,2,3", refused("invalid literal for int() with base 10: ''")},
      {"rgb", refused("invalid literal for int() with base 10: ''")},
      {"rgba(1,2,3)", refused("invalid literal for int() with base 10: '(1'")},
      {"rgb(1.5,2,3)", refused("invalid literal for int() with base 10: '1.5'")},
      {"rgb(+-1,2,3)", refused("invalid literal for int() with base 10: '+-1'")},
      {"rgb(-1,2,3)", refused("RGB values must be in range 0-255, got (-1, 2, 3)")},
      {"bgr(1,2,300)", refused("BGR values must be in range 0-255, got (1, 2, 300)")},
      {"white", Color{255, 255, 255}},
      {"RobofloW", Color{163, 81, 251}},
      {"WHITE ", refused("Invalid text color: WHITE " + invalid_name)},
      {"", refused("Invalid text color: " + invalid_name)},
  };
  for (const auto& [text, color] : cases) EXPECT_EQ(read_color(text), color) << text;
}

Detections two_rows() {
  return {.rows = {{.box = {10, 40, 60, 90}, .class_id = -1}, {.box = {70, 40, 90, 90}}}};
}

TEST(PickColors, WrapsRoundThePalette) {
  const Palette palette{{1, 0, 0}, {2, 0, 0}, {3, 0, 0}};
  EXPECT_EQ(pick_colors(two_rows(), palette, ColorAxis::by_class),
            (std::vector<Color>{{3, 0, 0}, {1, 0, 0}}));
}

TEST(PickColors, NeedsTracksAndColours) {
  const Palette palette{{1, 0, 0}};
  EXPECT_EQ(pick_colors(two_rows(), palette, ColorAxis::track).error().code, Errc::bad_input);
  EXPECT_EQ(pick_colors(two_rows(), {}, ColorAxis::index).error().what,
            "A color palette must contain at least one color.");
  EXPECT_EQ(pick_colors({}, {}, ColorAxis::index), std::vector<Color>{});
}

TEST(Draw, SaysWhatItCannotDo) {
  const std::vector<Color> colors(2);
  const std::vector<std::string> labels{"a", "b"};
  cv::Mat pixels = background();
  EXPECT_FALSE(draw_boxes(pixels, two_rows(), colors, {.thickness = 40'000}));
  EXPECT_FALSE(draw_boxes(pixels, two_rows(), colors, {.thickness = 0, .roundness = 0.5}));
  for (const LabelStyle& style :
       {LabelStyle{.position = LabelPosition::center_of_mass}, LabelStyle{.border_radius = -1},
        LabelStyle{.padding = -100}, LabelStyle{.scale = 1e30}}) {
    const auto done = draw_labels(pixels, two_rows(), labels, colors, style);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::bad_input) << done.error().what;
  }
}

TEST(Draw, SurvivesNumbersFromAnywhere) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  const Detections far{.rows = {{.box = {-1e300, -inf, 1e300, inf}},
                                {.box = {NAN, 5, 1e9, 2e9}, .class_id = INT64_MIN}}};
  const auto colors = pick_colors(far, make_palette("DEFAULT", 0, {}).value(), ColorAxis::by_class);
  ASSERT_TRUE(colors);
  const std::vector<std::string> labels{"far", std::string(300, '\n')};
  cv::Mat pixels = background();
  EXPECT_TRUE(draw_boxes(pixels, far, *colors, {.roundness = 1}));
  const auto done =
      draw_labels(pixels, far, labels, *colors,
                  {.thickness = INT64_MAX, .padding = INT64_MAX, .border_radius = INT64_MAX});
  EXPECT_TRUE(done) << done.error().what;
}

TEST(Draw, WorksOnGrayPicturesToo) {
  cv::Mat pixels = cv::Mat::zeros(height, width, CV_8UC1);
  const std::vector<Color> colors{{.r = 1, .g = 2, .b = 3}, {.r = 1, .g = 2, .b = 3}};
  ASSERT_TRUE(draw_boxes(pixels, two_rows(), colors, {}));
  EXPECT_EQ(pixels.at<std::uint8_t>(40, 10), 3) << "the first channel, blue, counts";
}

}  // namespace
}  // namespace vedette::vision
