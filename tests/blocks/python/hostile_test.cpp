#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <set>
#include <signal.h>
#include <stdlib.h>
#include <thread>

#include "base/json.hpp"
#include "harness.hpp"

namespace vedette::blocks::python {
namespace {

using std::chrono::milliseconds, std::chrono::steady_clock;

constexpr milliseconds patience{1'000};  // python.timeout of these tests

Settings strict_settings() {
  Settings settings = real_settings();
  settings.timeout = patience;
  settings.memory = 400u << 20;
  return settings;
}

PythonBlocks& strict_workers() {
  static PythonBlocks python(strict_settings());
  return python;
}

struct Deed {
  std::string_view name, body, says;  ///< what run() does; what its error must tell
};

class HostileCode : public testing::TestWithParam<Deed> {};

/// In time, with its reason, and the next call has a worker as if nothing had been.
TEST_P(HostileCode, GetsAnAnswerAndHurtsNobody) {
  Bench good(strict_workers(), {.code = "def run(self):\n    return {'result': 'fine'}"});
  Bench bad(strict_workers(),
            {.code = "import ctypes, signal, subprocess, sys, threading\n"
                     "def run(self):\n    " +
                     std::string(GetParam().body) + "\n    return {'result': 1}"});
  ASSERT_TRUE(good.is_made() && bad.is_made());
  const auto began = steady_clock::now();
  const auto done = bad.run({});
  EXPECT_LT(steady_clock::now() - began, patience + milliseconds(1'000));
  if (GetParam().says.empty()) {
    EXPECT_TRUE(done) << done.error().message;
  } else {
    ASSERT_FALSE(done);
    EXPECT_NE((done.error().message + " " + done.error().inner_message).find(GetParam().says),
              std::string::npos)
        << done.error().message << " | " << done.error().inner_message;
  }
  EXPECT_EQ(good.result({}).string(), "fine");
}

INSTANTIATE_TEST_SUITE_P(
    Deeds, HostileCode,
    testing::Values(
        Deed{"loops_for_ever", "while True: pass",
             "Error in line 3, in run: TimeoutError: stopped after 1 s"},
        Deed{"sleeps_for_ever", "time.sleep(1000)", "in run: TimeoutError: stopped after 1 s"},
        Deed{"loops_in_c", "sum(range(10 ** 12))", "Error in line 3, in run: TimeoutError"},
        Deed{"ignores_signals",
             "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pthread_sigmask("
             "signal.SIG_BLOCK, range(1, 65)); time.sleep(1000)",
             "stopped after 1 s"},
        Deed{"sys_exit", "sys.exit(3)", "Error in line 3, in run: SystemExit: 3"},
        Deed{"keyboard_interrupt", "raise KeyboardInterrupt", "in run: KeyboardInterrupt"},
        Deed{"os_exit", "os._exit(3)", "the block's process ended itself with status 3"},
        Deed{"os_exit_clean", "os._exit(0)", "the block's process ended itself with status 0"},
        Deed{"aborts", "os.abort()",
             "Error in line 3, in run: ProcessEnded: the block's process was ended by signal 6 "
             "(Aborted)"},
        Deed{"crashes", "ctypes.string_at(0)",
             "in run: ProcessEnded: the block's process was ended by signal 11 (Segmentation"},
        Deed{"kills_itself", "os.kill(os.getpid(), 9)", "was ended by signal 9 (Killed)"},
        Deed{"kills_its_parent", "os.kill(os.getppid(), 9)", "PermissionError"},
        Deed{"kills_everybody", "os.kill(-1, 9)", "PermissionError"},
        Deed{"kills_its_group", "os.killpg(0, 9)", "was ended by signal 9 (Killed)"},
        Deed{"eats_memory", "x = [bytes(2 ** 24) for _ in range(10 ** 6)]",
             "MemoryError: the memory that python.memory allows is used up"},
        Deed{"eats_memory_at_once", "np.ones(2 ** 40)", "MemoryError: Unable to allocate 8.00 TiB"},
        Deed{"maps_memory", "import mmap; [mmap.mmap(-1, 2 ** 30) for _ in range(64)]",
             "Cannot allocate memory"},
        Deed{"recurses", "f = lambda f: f(f); f(f)", "RecursionError"},
        Deed{"recurses_in_c",
             "sys.setrecursionlimit(10 ** 9); x = []; [x := [x] for _ in range(200000)]; "
             "json.dumps(x)",
             "was ended by signal 11 (Segmentation fault)"},
        Deed{"floods_stdout", "[print('x' * 1000) for _ in range(100000)]", ""},
        Deed{"floods_from_c", "[os.write(1, b'x' * 1000) for _ in range(10000)]", ""},
        Deed{"reads_stdin", "assert sys.stdin.read() == ''", ""},
        Deed{"closes_its_streams", "sys.stdout.close(); sys.stderr.close(); os.close(0)", ""},
        Deed{"closes_descriptors", "os.closerange(0, 4096)", "the block's process"},
        Deed{"writes_to_the_conversation", "os.write(200, b'x' * 100)",
             "what the worker sent is not an answer"},
        Deed{"forks_and_returns", "os.fork()", ""},
        Deed{"leaves_threads",
             "[threading.Thread(target=time.sleep, args=(60,), daemon=True).start() "
             "for _ in range(9)]",
             ""},
        Deed{"leaves_processes", "subprocess.Popen(['sleep', '60'])", ""},
        Deed{"breaks_python", "sys.modules.clear(); __builtins__['len'] = None",
             "the block's process ended itself with status 1"},
        Deed{"traces", "ctypes.CDLL(None).ptrace.restype; assert ctypes.CDLL(None).ptrace(0) == -1",
             ""},
        Deed{"mounts", "assert ctypes.CDLL(None).mount(b'none', b'/mnt', b'tmpfs', 0, None) == -1",
             ""},
        Deed{"leaves_its_session", "os.setsid()", "PermissionError"},
        Deed{"lifts_its_limits",
             "import resource; resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))", "ValueError"}),
    [](const auto& each) { return std::string(each.param.name); });

struct Garbage {
  std::string_view name, expression, says;
};

class ReturnedGarbage : public testing::TestWithParam<Garbage> {};

TEST_P(ReturnedGarbage, IsRefusedWithItsReason) {
  Bench bench(strict_workers(), {.code = "def cycle():\n    x = []\n    x.append(x)\n    return x\n"
                                         "def run(self):\n    return " +
                                         std::string(GetParam().expression)});
  const auto done = bench.run({});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().status, 500);
  EXPECT_NE((done.error().message + " " + done.error().inner_message).find(GetParam().says),
            std::string::npos)
      << done.error().message << " | " << done.error().inner_message;
}

INSTANTIATE_TEST_SUITE_P(
    Results, ReturnedGarbage,
    testing::Values(
        Garbage{"nothing", "None", "'NoneType' object has no attribute 'keys'"},
        Garbage{"number", "3", "'int' object has no attribute 'keys'"},
        Garbage{"list", "[{'result': 1}]", "produced list of results which is not expected"},
        Garbage{"other_name", "{'other': 1}", "Expected: {'result'}. Got: dict_keys(['other'])"},
        Garbage{"one_more", "{'result': 1, 'b': 2}", "Got: dict_keys(['result', 'b'])"},
        Garbage{"object", "{'result': {'a': [object()]}}", "['result']['a'][0] is a object"},
        Garbage{"set", "{'result': {1, 2}}", "['result'] is a set"},
        Garbage{"complex", "{'result': 1j}", "['result'] is a complex"},
        Garbage{"huge_integer", "{'result': 2 ** 70}", "is an integer of over 64 bits"},
        Garbage{"cycle", "{'result': cycle()}", "nested deeper than 64 levels"},
        Garbage{"picture_without_pixels",
                "{'result': WorkflowImageData(parent_metadata=None, numpy_image=np.zeros(0))}",
                "the picture has no pixels"},
        Garbage{"picture_of_another_shape",
                "{'result': WorkflowImageData(parent_metadata=None, numpy_image=np.zeros((2, 3, 4, "
                "5)))}",
                "pixels of shape (2, 3, 4, 5) are no picture"},
        Garbage{"key_of_another_kind", "{'result': {(1, 2): 3}}",
                "the key (1, 2) is neither a text nor a number"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(Hostile, AnAnswerOverTheLimitIsRefused) {
  Settings settings = strict_settings();
  settings.answer = 1u << 20;
  PythonBlocks python(settings);
  Bench text(python, {.code = "def run(self):\n    return {'result': 'x' * 2 ** 21}"});
  auto done = text.run({});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("an answer of over 1048576 bytes"), std::string::npos)
      << done.error().message;
  Bench array(python, {.code = "def run(self):\n    return {'result': np.zeros(2 ** 21)}"});
  done = array.run({});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("an answer of over"), std::string::npos);
}

TEST(Hostile, WhatWasPrintedBeforeAnEndIsTold) {
  Bench bench(strict_workers(),
              {.code = "def run(self):\n    print('last words')\n    os._exit(1)"});
  const auto done = bench.run({});
  ASSERT_FALSE(done);
  ASSERT_EQ(done.error().blocks.size(), 1u);
  EXPECT_EQ(done.error().blocks[0].traceback.dict()["stdout"].string(), "last words\n");
}

TEST(Hostile, AFloodIsCutAndCounted) {
  Bench bench(strict_workers(), {.code = "def run(self):\n    print('x' * 200000)\n    1 / 0"});
  const auto done = bench.run({});
  ASSERT_FALSE(done);
  const std::string_view told = done.error().blocks[0].traceback.dict()["stdout"].string();
  EXPECT_LT(told.size(), 65'000u);
  EXPECT_TRUE(told.ends_with("more bytes]")) << told.substr(told.size() - 40);
}

TEST(Hostile, CodeThatHangsWhenItIsLoadedIsStopped) {
  Bench bench(strict_workers(), {.code = "while True: pass\ndef run(self): pass"});
  ASSERT_FALSE(bench.is_made());
  EXPECT_NE(bench.problem().message.find("Error in line 1, in <module>: TimeoutError"),
            std::string::npos)
      << bench.problem().message;
}

/// While two workers hang, two more take their place.
TEST(Hostile, OthersGoOnWhileSomeHang) {
  Bench good(strict_workers(), {.code = "def run(self):\n    return {'result': 1}"});
  Bench bad(strict_workers(), {.code = "def run(self):\n    while True: pass"});
  ASSERT_TRUE(good.is_made() && bad.is_made());
  std::vector<std::thread> hanging;
  for (int i = 0; i < 4; ++i) {
    hanging.emplace_back([&bad] { EXPECT_FALSE(bad.run({})); });
  }
  std::this_thread::sleep_for(milliseconds(400));
  for (int i = 0; i < 20; ++i) {
    const auto began = steady_clock::now();
    EXPECT_TRUE(good.run({}));
    EXPECT_LT(steady_clock::now() - began, milliseconds(300));
  }
  for (std::thread& thread : hanging) thread.join();
}

TEST(Hostile, WhatIsPrintedBetweenCallsIsNobodys) {
  Bench leaves(strict_workers(),
               {.code = "import threading\ndef late():\n    time.sleep(0.2)\n    print('late')\n"
                        "def run(self):\n    threading.Thread(target=late).start()\n"
                        "    return {'result': 1}"});
  Bench fails(strict_workers(), {.code = "def run(self):\n    print('mine')\n    1 / 0"});
  ASSERT_TRUE(leaves.run({}));
  std::this_thread::sleep_for(milliseconds(500));
  const auto done = fails.run({});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().blocks[0].traceback.dict()["stdout"].string(), "mine\n");
}

TEST(Hostile, WorkersDrawNumbersOfTheirOwn) {
  std::set<std::string> drawn;
  for (int i = 0; i < 3; ++i) {
    PythonBlocks& python = strict_workers();
    Bench bench(python, {.code = "import random\ndef run(self):\n    return {'result': ["
                                 "random.random(), np.random.rand()]}"});
    Bench ends(python, {.code = "def run(self):\n    os._exit(0)"});
    drawn.insert(json::write(bench.result({})));
    (void)ends.run({});
  }
  EXPECT_EQ(drawn.size(), 3u);
}

/// Its environment holds nothing of the server's but what was listed.
TEST(Hostile, SecretsOfTheServerAreNotInTheEnvironment) {
  ::setenv("VEDETTE__AUTH__JWT_SECRET", "secret", 1);
  ::setenv("VEDETTE_TEST_LISTED", "seen", 1);
  Settings settings = strict_settings();
  settings.environment = {"VEDETTE_TEST_LISTED"};
  PythonBlocks python(settings);
  Bench bench(python,
              {.code = "def run(self):\n    return {'result': [os.environ.get("
                       "'VEDETTE__AUTH__JWT_SECRET'), os.environ['VEDETTE_TEST_LISTED']]}"});
  EXPECT_EQ(json::write(bench.result({})), R"([null,"seen"])");
}

TEST(Hostile, DescriptorsOfTheServerAreNotInherited) {
  const std::ofstream open("/dev/null");
  Bench bench(strict_workers(),
              {.code = "def run(self):\n    return {'result': sorted(int(n) for n "
                       "in os.listdir('/proc/self/fd'))}"});
  const Value descriptors = bench.result({});
  for (const Value& each : descriptors.list()) {
    EXPECT_TRUE(each.integer() <= 3 || each.integer() == 200) << each.integer();
  }
}

constexpr std::string_view connects =
    "import socket\ndef run(self, port):\n    try:\n"
    "        socket.create_connection(('127.0.0.1', port), timeout=1).close()\n"
    "    except OSError as error:\n        return {'result': type(error).__name__}\n"
    "    return {'result': 'connected'}";

TEST(Hostile, WithoutANetworkNothingIsReached) {
  Settings settings = strict_settings();
  settings.network.reach = Network::Reach::none;
  PythonBlocks python(settings);
  Bench bench(python, {.code = std::string(connects), .inputs = {"port"}});
  EXPECT_EQ(bench.result({9}).string(), "PermissionError");
}

TEST(Hostile, WithAListOnlyWhatItNamesIsReached) {
  Settings settings = strict_settings();
  settings.network = {.reach = Network::Reach::listed, .listed = {"localhost:9"}};
  PythonBlocks python(settings);
  Bench bench(python, {.code = std::string(connects), .inputs = {"port"}});
  EXPECT_EQ(bench.result({9}).string(), "ConnectionRefusedError");  // it was let through
  EXPECT_EQ(bench.result({10}).string(), "PermissionError");
}

TEST(Hostile, AParentThatWasKilledIsStartedAnew) {
  PythonBlocks python(strict_settings());
  Bench bench(python, {.code = "def run(self):\n    return {'result': 1}"});
  ASSERT_TRUE(bench.is_made());
  for (const pid_t process : python.processes()) ::kill(process, SIGKILL);
  std::this_thread::sleep_for(milliseconds(100));  // so that no call is under way
  EXPECT_EQ(json::write(bench.result({})), "1");
}

}  // namespace
}  // namespace vedette::blocks::python
