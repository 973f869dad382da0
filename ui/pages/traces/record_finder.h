// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

#include <vector>

class QWidget;

namespace scrit::ui::render {
class RichTextView;
}
namespace scrit::ui::widgets {
class FindBar;
class StepCard;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

class ReadingView;

// Find in the record on screen: the four columns in order, then the transcript of the
// self-validation. All matches are marked, the current one more strongly, and brought into sight
// wherever they are: a collapsed column, a folded strip or a closed transcript opens. When other
// cards come on screen the search is made again. Owned by the reading view. UI thread.
class RecordFinder final : public QObject {
    Q_OBJECT
public:
    RecordFinder(ReadingView& reading, widgets::FindBar& bar);

    void open();
    void close();
    [[nodiscard]] bool isOpen() const { return m_open; }
    // To the next (1) or previous (-1) match, round and round.
    void go(int direction);
    [[nodiscard]] widgets::FindBar& bar() const { return m_bar; }

private:
    struct Match {
        int column = 0; // ReadingView::Column; ColumnCount: the transcript
        int card = 0;
        base::Span span; // into the card's text
    };
    void search();
    void searchView(int column, int card, const render::RichTextView& view);
    void markAll();
    void mark(int column, int card);
    void show(int index);

    ReadingView& m_reading;
    widgets::FindBar& m_bar;
    QPointer<QWidget> m_focusBefore;
    QTimer m_pause; // between typing and searching
    std::vector<Match> m_matches;
    int m_current = -1;
    bool m_open = false;
    bool m_incomplete = false;
};

} // namespace scrit::ui::pages
