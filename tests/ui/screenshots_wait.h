// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QElapsedTimer>

namespace scrit::test {

// Lets events pass until the condition holds; whether it did in time.
template<typename Condition>
bool waitUntil(const Condition& condition, int millis = 20000) {
    QElapsedTimer clock;
    clock.start();
    while (!condition() && clock.elapsed() < millis) {
        QApplication::processEvents(QEventLoop::AllEvents, 20);
    }
    return condition();
}

} // namespace scrit::test
