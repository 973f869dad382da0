// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "ui/render/math_typesetter.h"

#include <QByteArray>
#include <QString>

#include <memory>
#include <string>

namespace scrit::ui::render {

// The MathJax bundle: its program text and the stamp that names it in caches.
struct MathBundle {
    QByteArray program;
    QString version;
};

// Reads the bundle at `path`, or the one built into the program when `path` is empty. NotFound when
// this build has none.
[[nodiscard]] base::Expected<MathBundle> loadMathBundle(const QString& path);
[[nodiscard]] bool hasMathBundle(const QString& path);

// Why a formula is not even tried, else empty: too long, or nested too deeply (braces, \left,
// \begin).
[[nodiscard]] QString refusalOf(const MathKey& key, const MathTypesetterOptions& options);

// MathJax inside a QJSEngine, with a watchdog thread ("scrit-math-clock") that interrupts a formula
// when its time is over. Made, used and destroyed on one thread, which needs a stack of about 32 MB
// for deeply nested formulas. After a time-out or a script error that is not TeX's the engine is
// made anew, because MathJax may be in the middle of something.
class MathEngine {
public:
    struct Outcome {
        MathResultPtr result;
        bool lasting = true; // the same formula would end the same way on any machine
    };

    MathEngine(MathBundle bundle, MathTypesetterOptions options);
    ~MathEngine();
    MathEngine(const MathEngine&) = delete;
    MathEngine& operator=(const MathEngine&) = delete;

    // Never throws; ends when options.formulaMillis of this thread's processor time are over, at
    // the latest after twenty times that.
    [[nodiscard]] Outcome typeset(const MathKey& key);
    // The SVG text itself; for tests that compare bundles.
    [[nodiscard]] base::Expected<std::string> typesetSvg(const MathKey& key);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace scrit::ui::render
