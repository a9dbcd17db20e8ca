#include "vision/image.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <random>
#include <thread>

#include "base/base64.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "fixture.hpp"

namespace vedette::vision {
namespace {

SharedBytes share(Bytes bytes) { return std::make_shared<const Bytes>(std::move(bytes)); }

Result<ImagePtr> open(Bytes bytes, const ImageLimits& limits = {}) {
  return Image::from_encoded(share(std::move(bytes)), limits);
}

Result<cv::Mat> decode(Bytes bytes) {
  const auto image = open(std::move(bytes));
  if (!image) return fail(image.error());
  return (*image)->pixels();
}

std::string digest(const cv::Mat& pixels) {
  EXPECT_TRUE(pixels.isContinuous());
  return sha256_hex({reinterpret_cast<const char*>(pixels.data), pixels.total() * 3});
}

std::string to_base64(const Bytes& bytes) {
  std::string text;
  base64::encode(bytes, text);
  return text;
}

/// One picture of each kind, with what OpenCV 4.12 makes of it: tools/make_picture_fixtures.py.
struct Fixture {
  std::string file;
  int width = 0, height = 0;
  std::string sha256;  ///< of the pixels; empty where there are none
};

void PrintTo(const Fixture& fixture, std::ostream* out) {
  *out << fixture.file;
}  // NOLINT: gtest's

std::vector<Fixture> fixtures() {
  std::vector<Fixture> all;
  const Value list = json::read(read_text_fixture("pictures/pictures.json"), json::strict).value();
  for (const Value& each : list.list()) {
    const Dict& row = each.dict();
    Fixture fixture{.file = std::string(row["file"].string())};
    if (!row["sha256"].is_null()) {
      fixture.width = static_cast<int>(row["width"].integer());
      fixture.height = static_cast<int>(row["height"].integer());
      fixture.sha256 = row["sha256"].string();
    }
    all.push_back(std::move(fixture));
  }
  return all;
}

class EachPicture : public testing::TestWithParam<Fixture> {
 protected:
  Bytes bytes_ = read_fixture("pictures/" + GetParam().file);
};

TEST_P(EachPicture, IsDecodedAsOpenCvDoes) {
  const auto image = open(bytes_);
  ASSERT_TRUE(image) << image.error().what;
  EXPECT_FALSE((*image)->is_decoded());
  const auto pixels = (*image)->pixels();
  if (GetParam().sha256.empty()) {
    ASSERT_FALSE(pixels);
    EXPECT_EQ(pixels.error().code, Errc::bad_input);
    return;
  }
  ASSERT_TRUE(pixels) << pixels.error().what;
  EXPECT_EQ((*image)->width(), GetParam().width);
  EXPECT_EQ((*image)->height(), GetParam().height);
  EXPECT_EQ(digest(*pixels), GetParam().sha256);
}

TEST_P(EachPicture, IsRefusedWhereItIsCutOff) {
  if (GetParam().file.starts_with("animated")) return;  // the first frame may be there
  for (const double part : {0.1, 0.5, 0.8}) {
    Bytes start = bytes_;
    start.resize(static_cast<std::size_t>(part * static_cast<double>(bytes_.size())));
    const auto pixels = decode(start);
    ASSERT_FALSE(pixels) << part;
    EXPECT_EQ(pixels.error().code, Errc::bad_input);
  }
}

TEST_P(EachPicture, IsRefusedBeyondTheLimitBeforeItIsDecoded) {
  const auto image = open(bytes_, {.pixels = 40});
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Errc::too_large);
  EXPECT_NE(image.error().what.find("limit of 40 pixels"), std::string::npos);
}

TEST_P(EachPicture, DoesNoHarmWhereItIsDamaged) {
  std::minstd_rand random(1);
  for (int round = 0; round < 60; ++round) {
    Bytes damaged = bytes_;
    for (int i = 0; i <= round % 4; ++i) {
      damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
    }
    const auto image = open(damaged, {.pixels = 1'000'000});
    if (!image) continue;
    const auto pixels = (*image)->pixels();
    if (!pixels) continue;
    EXPECT_EQ(pixels->cols, (*image)->width());
    EXPECT_EQ(pixels->rows, (*image)->height());
  }
}

INSTANTIATE_TEST_SUITE_P(Pictures, EachPicture, testing::ValuesIn(fixtures()),
                         [](const auto& test) {
                           std::string name = test.param.file;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

struct Patch {
  std::string file;
  std::vector<std::pair<std::size_t, std::uint8_t>> bytes;  // at, value
};

TEST(ReadHeader, RefusesAPictureOf30000By30000) {
  constexpr std::uint8_t high = 30000 >> 8, low = 30000 & 255;
  const Bytes jpeg = read_fixture("pictures/color.jpg");
  const std::array<std::uint8_t, 2> frame{0xFF, 0xC0};
  const auto at = static_cast<std::size_t>(std::ranges::search(jpeg, frame).begin() - jpeg.begin());
  const Patch patches[] = {
      {"color.jpg", {{at + 5, high}, {at + 6, low}, {at + 7, high}, {at + 8, low}}},
      {"color.png", {{18, high}, {19, low}, {22, high}, {23, low}}},
      {"color.bmp", {{18, low}, {19, high}, {22, low}, {23, high}}},
      {"animated.webp", {{24, low}, {25, high}, {27, low}, {28, high}}},
      {"color.gif", {{6, low}, {7, high}, {8, low}, {9, high}}},
  };
  for (const auto& [file, bytes] : patches) {
    Bytes picture = read_fixture("pictures/" + file);
    for (const auto& [place, value] : bytes) picture[place] = value;
    const auto header = read_header(picture, {});
    ASSERT_FALSE(header) << file;
    EXPECT_EQ(header.error().code, Errc::too_large) << file;
    EXPECT_NE(header.error().what.find("3000"), std::string::npos) << header.error().what;
  }
}

/// A TIFF of nothing but a directory.
Bytes tiff(const std::vector<std::pair<std::uint8_t, std::uint32_t>>& tags_over_255) {
  Bytes file{'I', 'I', '*', 0, 8, 0, 0, 0, static_cast<std::uint8_t>(tags_over_255.size()), 0};
  for (const auto& [tag, value] : tags_over_255) {
    file.insert(file.end(), {tag, 1, 4, 0, 1, 0, 0, 0});
    for (int shift = 0; shift < 32; shift += 8) {
      file.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  }
  return file;
}

struct HeaderCase {
  std::string name;
  Bytes bytes;
  Result<Header> header;
};

Result<Header> refused(Errc code) { return fail(code, ""); }

class ReadHeader : public testing::TestWithParam<HeaderCase> {};

TEST_P(ReadHeader, IsStrict) {
  const auto header = read_header(GetParam().bytes, {});
  ASSERT_EQ(header.has_value(), GetParam().header.has_value());
  if (header) {
    EXPECT_EQ(*header, *GetParam().header);
  } else {
    EXPECT_EQ(header.error().code, GetParam().header.error().code) << header.error().what;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Bytes, ReadHeader,
    testing::Values(
        HeaderCase{"Nothing", {}, refused(Errc::bad_input)},
        HeaderCase{"OneByte", {0xFF}, refused(Errc::bad_input)},
        HeaderCase{"Text", {'h', 'e', 'l', 'l', 'o'}, refused(Errc::bad_input)},
        HeaderCase{"AnotherRiff",
                   {'R', 'I', 'F', 'F', 4, 0, 0, 0, 'W', 'A', 'V', 'E'},
                   refused(Errc::bad_input)},
        HeaderCase{"JpegWithoutFrame", {0xFF, 0xD8, 0xFF, 0xD9}, refused(Errc::bad_input)},
        HeaderCase{"JpegWithoutHeight",
                   {0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 0, 0, 0, 9, 3},
                   refused(Errc::bad_input)},
        HeaderCase{"JpegFrame",
                   {0xFF, 0xD8, 0xFF, 0xFF, 0xC0, 0, 17, 8, 0, 7, 0, 9, 3},
                   Header{Format::jpeg, 9, 7}},
        HeaderCase{"JpegCutOff", {0xFF, 0xD8, 0xFF, 0xE0, 0xFF}, refused(Errc::bad_input)},
        HeaderCase{
            "GifOfNoWidth", {'G', 'I', 'F', '8', '9', 'a', 0, 0, 5, 0}, refused(Errc::bad_input)},
        HeaderCase{"Tiff", tiff({{0, 9}, {1, 7}, {18, 6}}), Header{Format::tiff, 7, 9, 6}},
        HeaderCase{"TiffOfNoHeight", tiff({{0, 9}}), refused(Errc::bad_input)},
        HeaderCase{"TiffOfHugeSides", tiff({{0, UINT32_MAX}, {1, UINT32_MAX}}),
                   refused(Errc::too_large)}),
    [](const auto& test) { return test.param.name; });

TEST(Image, HasAPlaceForLimits) {
  const Bytes bytes = read_fixture("pictures/color.jpg");
  EXPECT_EQ(open(bytes, {.encoded = 100}).error().code, Errc::too_large);
  EXPECT_EQ(Image::from_base64(Value(to_base64(bytes)), {.encoded = 100}).error().code,
            Errc::too_large);
}

/// A progressive JPEG whose last scan comes `times` times more.
Bytes with_scans(int times) {
  Bytes jpeg = read_fixture("pictures/progressive.jpg");
  const std::array<std::uint8_t, 2> marker{0xFF, 0xDA};
  const Bytes scan(std::ranges::find_end(jpeg, marker).begin(), jpeg.end() - 2);
  for (int i = 0; i < times; ++i) jpeg.insert(jpeg.end() - 2, scan.begin(), scan.end());
  return jpeg;
}

TEST(Image, DoesNotReadScansForEver) {
  const auto few = decode(with_scans(20));
  ASSERT_TRUE(few) << few.error().what;
  const auto many = decode(with_scans(100));
  ASSERT_FALSE(many);
  EXPECT_NE(many.error().what.find("scans"), std::string::npos);
}

TEST(Image, IsNotSpoiltByTheOneBefore) {
  const Bytes whole = read_fixture("pictures/color.jpg");
  for (std::size_t size = 20; size < whole.size(); size += 7) {
    Bytes broken(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    broken.resize(whole.size(), 0x11);
    (void)decode(broken);
    const auto next = decode(whole);
    ASSERT_TRUE(next) << size << ": " << next.error().what;
  }
}

TEST(Image, IsRefusedWhereAnErrorFollowsAWarning) {
  Bytes jpeg = read_fixture("pictures/progressive.jpg");
  const std::array<std::uint8_t, 2> scan{0xFF, 0xDA}, tables{0xFF, 0xC4};
  const auto first = std::ranges::search(jpeg, scan).end();
  const auto later = std::ranges::search(first, jpeg.end(), tables.begin(), tables.end()).begin();
  *(later + 4) = 0xFF;         // a table that cannot be
  jpeg.insert(later, 5, 'x');  // and junk before it
  const auto pixels = decode(jpeg);
  ASSERT_FALSE(pixels) << "what was not written to would be shown";
  EXPECT_EQ(pixels.error().code, Errc::bad_input);
}

TEST(Image, MayHaveJunkBetweenItsSegments) {
  Bytes jpeg = read_fixture("pictures/color.jpg");
  const cv::Mat clean = decode(jpeg).value();
  const std::array<std::uint8_t, 2> tables{0xFF, 0xDB};
  jpeg.insert(std::ranges::search(jpeg, tables).begin(), 5, 'x');
  const auto pixels = decode(jpeg);
  ASSERT_TRUE(pixels) << pixels.error().what;
  EXPECT_EQ(difference(*pixels, clean), 0);
}

TEST(ImageFromBase64, GoesOutToTheLetter) {
  const std::string text = to_base64(read_fixture("pictures/color.png"));
  for (const std::string& sent : {text, "data:image/png;base64," + text}) {
    const auto image = Image::from_base64(Value(sent));
    ASSERT_TRUE(image) << image.error().what;
    EXPECT_EQ((*image)->base64(), std::string_view(sent));
    EXPECT_FALSE((*image)->is_decoded());
    ASSERT_TRUE((*image)->pixels());
    EXPECT_EQ(**(*image)->original(), read_fixture("pictures/color.png"));
  }
}

TEST(ImageFromBase64, KeepsTheTextAliveByItsOwner) {
  auto body = std::make_shared<const std::string>(to_base64(read_fixture("pictures/color.jpg")));
  const auto image = Image::from_base64(Value::text_in(body, *body));
  ASSERT_TRUE(image);
  const char* data = body->data();
  body.reset();
  EXPECT_EQ((*image)->base64()->data(), data) << "it was copied";
}

TEST(ImageFromBase64, FindsASizeBehindAThumbnail) {
  Bytes jpeg = read_fixture("pictures/color.jpg");
  Bytes profile{0xFF, 0xE2, 0xEA, 0x60};
  profile.resize(2 + 60'000);
  jpeg.insert(jpeg.begin() + 2, profile.begin(), profile.end());
  const auto image = Image::from_base64(Value(to_base64(jpeg)));
  ASSERT_TRUE(image) << image.error().what;
  EXPECT_EQ((*image)->width(), 37);
  EXPECT_TRUE((*image)->pixels());
}

TEST(ImageFromBase64, RefusesWhatIsNotBase64) {
  EXPECT_EQ(Image::from_base64(Value("not base64!")).error().code, Errc::bad_input);
  EXPECT_EQ(Image::from_base64(Value("")).error().code, Errc::bad_input);
  EXPECT_EQ(Image::from_base64(Value("data:image/png;base64,")).error().code, Errc::bad_input);
  // Where only the header is looked at, what comes later shows when the pixels are wanted.
  Bytes bmp = read_fixture("pictures/color.bmp");
  bmp.resize(20'000);
  const auto image = Image::from_base64(Value(to_base64(bmp) + "!"));
  ASSERT_TRUE(image) << image.error().what;
  EXPECT_EQ((*image)->original().error().code, Errc::bad_input);
  EXPECT_EQ((*image)->pixels().error().code, Errc::bad_input);
}

TEST(Image, IsDecodedAndEncodedOnceHoweverManyAsk) {
  const auto image = open(read_fixture("pictures/color.png")).value();
  constexpr std::ptrdiff_t threads = 8;
  std::latch start(threads);
  std::vector<const void*> pixels(threads), jpegs(threads), texts(threads);
  {
    std::vector<std::jthread> all;
    for (std::size_t i = 0; i < threads; ++i) {
      all.emplace_back([&, i] {
        start.arrive_and_wait();
        if (i % 2 == 0) texts[i] = image->base64()->data();
        pixels[i] = image->pixels()->data;
        jpegs[i] = image->jpeg()->get();
        texts[i] = image->base64()->data();
      });
    }
  }
  EXPECT_EQ(std::ranges::count(pixels, pixels[0]), threads);
  EXPECT_EQ(std::ranges::count(jpegs, jpegs[0]), threads);
  EXPECT_EQ(std::ranges::count(texts, texts[0]), threads);
}

TEST(Image, OfPixelsIsWrittenAsOpenCvWrites) {
  const cv::Mat color = read_picture("pictures/color.png");
  cv::Mat gray(color.size(), CV_8UC1);
  for (int y = 0; y < color.rows; ++y) {
    for (int x = 0; x < color.cols; ++x) gray.at<std::uint8_t>(y, x) = color.at<cv::Vec3b>(y, x)[1];
  }
  for (const auto& [pixels, file] :
       {std::pair(color, "pictures/encoded_color.jpg"), {gray, "pictures/encoded_gray.jpg"}}) {
    const auto image = Image::from_pixels(pixels);
    EXPECT_EQ(image->format(), Format::none);
    EXPECT_EQ(image->original().value(), nullptr);
    const auto jpeg = image->jpeg();
    ASSERT_TRUE(jpeg) << jpeg.error().what;
    EXPECT_EQ(**jpeg, read_fixture(file)) << "to the byte";
    EXPECT_EQ(image->base64(), std::string_view(to_base64(**jpeg)));
  }
}

TEST(Image, ThatIsAJpegIsNotEncodedAgain) {
  const auto bytes = share(read_fixture("pictures/color.jpg"));
  const auto image = Image::from_encoded(bytes).value();
  EXPECT_EQ(image->jpeg().value(), bytes);
  EXPECT_EQ(image->base64(), std::string_view(to_base64(*bytes)));
  EXPECT_FALSE(image->is_decoded());
}

TEST(EncodeJpeg, RefusesWhatIsNoPicture) {
  EXPECT_EQ(encode_jpeg({}, 95).error().code, Errc::bad_input);
  EXPECT_EQ(encode_jpeg(cv::Mat(4, 4, CV_16UC3), 95).error().code, Errc::bad_input);
  EXPECT_EQ(encode_jpeg(cv::Mat(1, 70'000, CV_8UC3), 95).error().code, Errc::bad_input);
}

}  // namespace
}  // namespace vedette::vision
