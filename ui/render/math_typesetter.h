// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/render/display_list.h"

#include <QList>
#include <QObject>
#include <QString>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::ui::render {

// A formula as the reader's text has it, without its delimiters.
struct MathKey {
    std::string tex;
    bool display = false;
    friend bool operator==(const MathKey&, const MathKey&) = default;
};

// What is typeset first. A key asked for twice takes the more urgent of the two.
enum class MathPriority {
    Visible, // the record on screen
    Near,    // its neighbours in the list
    Idle,    // the rest, when there is nothing else to do
};

// Jobs wanted by one asker (a document, a prefetch of neighbours); see MathTypesetter::newGroup().
using MathGroup = std::uint64_t;

struct MathTypesetterOptions {
    QString bundlePath;  // MathJax bundle; empty: the one of this build, else the installed one
    QString cacheFolder; // empty: $XDG_CACHE_HOME/scrit-studio/math
    bool diskCache = true;
    qint64 memoryBytes = 24 * 1024 * 1024;
    qint64 diskBytes = 64 * 1024 * 1024;
    int formulaMillis = 1500; // of processor time; a formula that takes longer is given up
    int maxTexBytes = 8192;
    int maxNesting = 120; // of braces, \left and \begin
};

// Turns formulas into display lists: memory cache, then disk cache, then MathJax. One per
// application, owned by it. All members are called on the thread that made the object (the UI
// thread); it owns two threads, "scrit-math" (MathJax, 32 MB stack) and "scrit-math-disk" (cache
// files), which the destructor stops and joins (at most about formulaMillis). Nothing here blocks
// the caller.
class MathTypesetter : public QObject {
    Q_OBJECT
public:
    struct Statistics {
        qint64 typeset = 0;      // by MathJax
        qint64 failed = 0;       // of these
        qint64 fromDisk = 0;     // read from the disk cache
        qint64 memoryBytes = 0;  // held by the memory cache
        qint64 engineMicros = 0; // time in MathJax, all formulas together
        int waiting = 0;         // formulas asked for and not answered
    };

    explicit MathTypesetter(MathTypesetterOptions options = {}, QObject* parent = nullptr);
    ~MathTypesetter() override;

    // False when there is no MathJax bundle; every formula then fails with unavailableReason().
    [[nodiscard]] bool isAvailable() const;
    [[nodiscard]] QString unavailableReason() const;

    // The result if it is in memory, else null; never waits, asks for nothing.
    [[nodiscard]] MathResultPtr find(const MathKey& key) const;

    // A fresh group number. Cancelling the group forgets its jobs that nobody else wants.
    [[nodiscard]] MathGroup newGroup();
    // Asks for formulas; typeset() follows for those not yet in memory.
    void request(MathGroup group, std::span<const MathKey> keys, MathPriority priority);
    // The same for every formula of a Markdown text; cheap enough to call for neighbours of a
    // record.
    void prefetch(MathGroup group, std::string_view markdown, MathPriority priority);
    void cancel(MathGroup group);

    [[nodiscard]] Statistics statistics() const;
    // The folder of the disk cache; it holds nothing else and may be deleted at any time.
    [[nodiscard]] QString cacheFolder() const;

Q_SIGNALS:
    // These are now in memory (typeset or failed). Several formulas are reported together, at most
    // about every 30 ms while the engine is busy.
    void typeset(const QList<scrit::ui::render::MathKey>& keys);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace scrit::ui::render
