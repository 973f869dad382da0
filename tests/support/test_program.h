// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Test programs hold the tests of one library each, because linking and generating for every test
// alone took a third of a build. A test file ends with SCRIT_TEST(Class) (or
// SCRIT_WINDOW_TEST(Class), when it shows widgets) in place of Qt's QTEST_MAIN; its name is its
// file's, without folder and ending:
//
//   tests-bin/tests_store store_runs_test [arguments of Qt Test]
//
// Every test runs in a process of its own, started by ctest.
#include <QTest>

namespace scrit::test {

using Main = int (*)(int argc, char** argv);

// Adds a test to the program; `file` is its __FILE__. Called before main() only.
class Registered {
public:
    Registered(const char* file, Main main);
};

// Runs a test class under an application of the given kind.
template<typename Application, typename Test>
int run(int argc, char** argv) {
    const Application application(argc, argv);
    Test test;
    return QTest::qExec(&test, argc, argv);
}

} // namespace scrit::test

// A test with a main function of its own, for example to be its own child process.
#define SCRIT_TEST_WITH_MAIN(name, function)                                                       \
    static const scrit::test::Registered kRegistered##name(__FILE__,                               \
                                                           function) // NOLINT(cert-err58-cpp)

#define SCRIT_TEST(Test) SCRIT_TEST_WITH_MAIN(Test, (&scrit::test::run<QCoreApplication, Test>));
#define SCRIT_WINDOW_TEST(Test) SCRIT_TEST_WITH_MAIN(Test, (&scrit::test::run<QApplication, Test>));
