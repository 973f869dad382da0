// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"
#include "ui/render/markdown_source.h"

#include <QString>

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace scrit::ui::render {

// Relates positions of a laid-out document to bytes of the source text it was made from.
//
// Qt's Markdown reader keeps no positions, so they are found again: the document's characters
// appear in the source in the same order, with mark-up between them, and each formula is a fixed
// point because its placeholder is unique. Between two formulas the characters are matched one
// after another, stepping over mark-up; longer gaps (link addresses, list numbers) are bridged
// where the next characters agree again. Exact for prose, code, headings, lists and tables; a
// character that has no source (the URL shown behind a link) takes the place of the one before it.
class SourceMap {
public:
    SourceMap() = default;
    // `raw` is QTextDocument::toRawText(); formulaAt tells the index of the formula at a document
    // position, or -1.
    SourceMap(const MarkdownSource& source, const QString& raw,
              const std::function<int(int)>& formulaAt);

    // Document positions [begin, end) that show something of the passage; empty (0, 0) when none
    // does.
    [[nodiscard]] std::pair<int, int> positionsOf(base::Span source) const;
    // The passage behind document positions [begin, end).
    [[nodiscard]] base::Span sourceOf(int begin, int end) const;

private:
    struct Place {
        std::uint32_t begin;
        std::uint32_t end;
    };
    std::vector<Place> m_places; // by document position
};

} // namespace scrit::ui::render
