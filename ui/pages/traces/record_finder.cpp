// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/traces/record_finder.h"

#include "ui/pages/traces/reading_view.h"
#include "ui/widgets/expander.h"
#include "ui/widgets/find_bar.h"
#include "ui/widgets/outcome_strip.h"
#include "ui/widgets/theme.h"

namespace scrit::ui::pages {

namespace {

constexpr std::size_t kMostMatches = 2000;
constexpr int kTypingPause = 120; // milliseconds

} // namespace

RecordFinder::RecordFinder(ReadingView& reading, widgets::FindBar& bar)
    : QObject(&reading), m_reading(reading), m_bar(bar) {
    m_pause.setSingleShot(true);
    connect(&m_pause, &QTimer::timeout, this, &RecordFinder::search);
    connect(&bar, &widgets::FindBar::wordsChanged, this, [this] {
        if (m_open) {
            m_pause.start(kTypingPause);
        }
    });
    connect(&bar, &widgets::FindBar::matchWanted, this, &RecordFinder::go);
    connect(&bar, &widgets::FindBar::closeWanted, this, &RecordFinder::close);
    connect(&reading, &ReadingView::contentChanged, this, [this] {
        if (m_open) {
            m_matches.clear(); // they point at cards that are gone
            m_pause.start(0);  // when the new ones have been painted
        }
    });
}

void RecordFinder::open() {
    if (!m_open) {
        m_focusBefore = m_reading.window()->focusWidget();
    }
    m_open = true;
    m_bar.open();
    m_pause.start(0);
}

void RecordFinder::close() {
    if (!m_open) {
        return;
    }
    m_open = false;
    m_pause.stop();
    m_matches.clear();
    m_current = -1;
    markAll();
    const bool hadFocus = m_bar.isAncestorOf(m_reading.window()->focusWidget());
    m_bar.hide();
    if (hadFocus && m_focusBefore && m_focusBefore->isVisible()) {
        m_focusBefore->setFocus();
    } else if (hadFocus) {
        m_reading.focusColumn(ReadingView::Critique);
    }
}

void RecordFinder::searchView(int column, int card, const render::RichTextView& view) {
    m_incomplete = m_incomplete || view.document().isTruncated() || view.document().isFilling();
    const std::size_t left = kMostMatches - std::min(kMostMatches, m_matches.size());
    for (const base::Span span : view.document().find(m_bar.words(), left + 1)) {
        if (m_matches.size() == kMostMatches) {
            m_incomplete = true;
            return;
        }
        m_matches.push_back({column, card, span});
    }
}

void RecordFinder::search() {
    m_pause.stop();
    m_matches.clear();
    m_current = -1;
    m_incomplete = false;
    if (!m_bar.words().isEmpty() && m_reading.record()) {
        for (int i = 0; i < ReadingView::ColumnCount; ++i) {
            widgets::CardStack& stack =
                m_reading.column(static_cast<ReadingView::Column>(i)).stack();
            for (int card = 0; card < stack.count(); ++card) {
                searchView(i, card, stack.card(card)->view());
            }
        }
        widgets::Expander& transcript = m_reading.outcome().transcript();
        if (!transcript.text().empty()) {
            searchView(ReadingView::ColumnCount, 0, transcript.view());
        }
    }
    m_current = m_matches.empty() ? -1 : 0;
    markAll();
    show(m_current);
}

void RecordFinder::markAll() {
    for (int i = 0; i < ReadingView::ColumnCount; ++i) {
        const int cards = m_reading.column(static_cast<ReadingView::Column>(i)).stack().count();
        for (int card = 0; card < cards; ++card) {
            mark(i, card);
        }
    }
    if (!m_reading.outcome().transcript().text().empty()) {
        mark(ReadingView::ColumnCount, 0);
    }
}

void RecordFinder::mark(int column, int card) {
    std::vector<render::Highlight> marks;
    for (std::size_t i = 0; i < m_matches.size(); ++i) {
        const Match& match = m_matches[i];
        if (match.column == column && match.card == card) {
            const bool current = static_cast<int>(i) == m_current;
            marks.push_back({match.span,
                             current ? widgets::tokens().found : widgets::tokens().find,
                             current ? widgets::tokens().text : QColor(),
                             {}});
        }
    }
    if (column == ReadingView::ColumnCount) {
        m_reading.outcome().transcript().view().setHighlights(std::move(marks));
    } else {
        m_reading.column(static_cast<ReadingView::Column>(column))
            .stack()
            .card(card)
            ->setMarks(widgets::StepCard::Layer::Finds, std::move(marks));
    }
}

void RecordFinder::go(int direction) {
    if (!m_open) {
        open();
        return;
    }
    if (m_pause.isActive()) {
        search();
        return;
    }
    if (m_matches.empty()) {
        return;
    }
    const int count = static_cast<int>(m_matches.size());
    const Match before = m_matches[static_cast<std::size_t>(m_current)];
    m_current = (m_current + direction + count) % count;
    mark(before.column, before.card);
    const Match& now = m_matches[static_cast<std::size_t>(m_current)];
    if (now.column != before.column || now.card != before.card) {
        mark(now.column, now.card);
    }
    show(m_current);
}

void RecordFinder::show(int index) {
    m_bar.setCount(index + 1, static_cast<int>(m_matches.size()), m_incomplete);
    if (index < 0) {
        return;
    }
    const Match& match = m_matches[static_cast<std::size_t>(index)];
    if (match.column == ReadingView::ColumnCount) {
        m_reading.outcome().revealTranscript(match.span);
        return;
    }
    auto& column = m_reading.column(static_cast<ReadingView::Column>(match.column));
    column.setCollapsed(false);
    column.stack().card(match.card)->view().revealSource(match.span);
}

} // namespace scrit::ui::pages
