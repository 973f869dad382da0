// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/step_splitter.h"

#include "core/critique/blocks.h"
#include "core/critique/line_head.h"

#include <algorithm>
#include <optional>

namespace scrit::critique {
namespace {

using base::Span;

struct SplitLine {
    Span span;
    LineHead head;
    bool blank = false;
    bool inside = false; // the line starts inside a block that must stay whole
};

// Blank-separated lines of the text with what the rules need to know about each.
std::vector<SplitLine> readLines(std::string_view text) {
    const std::vector<Span> blocks = wholeBlocks(text);
    std::vector<SplitLine> lines;
    std::size_t block = 0;
    for (std::size_t at = 0; at < text.size();) {
        SplitLine line;
        line.span = lineAt(text, at);
        line.blank = base::trimmed(text, line.span).empty();
        while (block < blocks.size() && blocks[block].end <= at) {
            ++block;
        }
        line.inside = block < blocks.size() && blocks[block].begin < at;
        if (!line.blank) {
            line.head = readHead(text, line.span);
        }
        at = nextLine(text, line.span);
        lines.push_back(std::move(line));
    }
    return lines;
}

// "#### 18" is the answer line of GSM8K, not a heading.
bool isAnswerLine(std::string_view text, const SplitLine& line) {
    constexpr int kAnswerHashes = 4;
    const std::size_t at = line.head.begin;
    const bool number = at < line.span.end && (isDigit(text[at]) || text[at] == '$' ||
                                               text[at] == '-' || text[at] == '\\');
    return line.head.hashes == kAnswerHashes && number;
}

// A title that belongs to what follows it: "## Solution", "**Calculate the sum:**".
bool isTitle(std::string_view text, const SplitLine& line) {
    if (line.head.hashes > 0) {
        return !isAnswerLine(text, line);
    }
    const std::string_view content = base::trimmed(base::slice(text, line.span));
    if (content.size() < 5 || content.substr(0, 2) != "**") {
        return false;
    }
    const std::size_t close = content.find("**", 2);
    const std::string_view rest = close == std::string_view::npos ? "x" : content.substr(close + 2);
    const bool boxed = content.find("boxed") != std::string_view::npos;
    return !boxed && (rest.empty() || rest == ":" || rest == ".");
}

bool startsConclusion(std::string_view text, const SplitLine& line) {
    for (const std::string_view start :
         {"therefore", "so,", "so the", "thus", "hence", "the answer", "the final answer",
          "answer:", "final answer", "in conclusion", "the correct answer", "in summary",
          "finally"}) {
        if (matchesNoCase(text, line.head.begin, start)) {
            return true;
        }
    }
    return isAnswerLine(text, line) || text.substr(line.head.begin, 6) == "\\boxed";
}

// Cuts the text at the given offsets (ascending, the first step takes what is before the first
// one).
std::vector<Span> cutAt(std::string_view text, const std::vector<std::size_t>& starts) {
    std::vector<Span> steps;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const std::size_t begin = i == 0 ? 0 : starts[i];
        const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : text.size();
        const Span step = base::trimmed(text, {begin, end});
        if (!step.empty()) {
            steps.push_back(step);
        }
    }
    return steps;
}

// <paragraph_k> … </paragraph_k>: the tags stay outside. Text between the tagged parts goes to the
// part before it, text before the first to the first.
std::vector<Span> splitTags(std::string_view text) {
    struct Tag {
        std::size_t begin;
        std::size_t end;
        bool closing;
    };
    std::vector<Tag> tags;
    for (std::size_t at = text.find('<'); at != std::string_view::npos;
         at = text.find('<', at + 1)) {
        const bool closing = text.substr(at, 2) == "</";
        std::size_t p = at + (closing ? 2 : 1);
        if (!matchesNoCase(text, p, "paragraph_")) {
            continue;
        }
        p += 10;
        std::size_t digits = p;
        while (digits < text.size() && isDigit(text[digits])) {
            ++digits;
        }
        if (digits > p && digits < text.size() && text[digits] == '>') {
            tags.push_back({at, digits + 1, closing});
        }
    }
    std::vector<Span> steps;
    std::size_t from = 0;
    const auto push = [&](std::size_t until) {
        const Span part = base::trimmed(text, {from, until});
        if (!part.empty()) {
            steps.push_back(part);
        }
    };
    const bool tagged =
        std::any_of(tags.begin(), tags.end(), [](const Tag& tag) { return !tag.closing; });
    if (!tagged) {
        return {};
    }
    for (const Tag& tag : tags) {
        push(tag.begin);
        from = tag.end;
    }
    push(text.size());
    return steps;
}

// Offsets of lines that announce a step: "Step 1:", "**Step 2**", "## Step 3".
std::vector<std::size_t> stepMarkers(std::string_view text, const std::vector<SplitLine>& lines) {
    std::vector<std::size_t> starts;
    int first = 0;
    for (const SplitLine& line : lines) {
        if (line.blank || line.inside) {
            continue;
        }
        const auto step = readStepHead(text, line.head.begin, line.span.end, line.head);
        if (!step || step->rank == StepRank::Prose || step->rank == StepRank::Critique) {
            continue;
        }
        if (starts.empty()) {
            first = step->numbers.front();
        }
        starts.push_back(line.span.begin);
    }
    // One marker alone is a way of speaking unless it says "Step 1".
    return starts.size() > 1 || first == 1 ? starts : std::vector<std::size_t>{};
}

// A list that announces a plan: more text follows it, in paragraphs of their own, than it has
// itself.
bool isOutline(std::string_view text, const std::vector<SplitLine>& lines,
               const std::vector<std::size_t>& starts) {
    bool wasBlank = false;
    for (const SplitLine& line : lines) {
        if (!line.blank && wasBlank && !line.inside && line.span.begin > starts.back() &&
            line.head.indent == 0) {
            return text.size() - line.span.begin > line.span.begin - starts.front() &&
                   !startsConclusion(text, line);
        }
        wasBlank = line.blank;
    }
    return false;
}

// Offsets of a top-level list "1. … 2. … 3. …" of at least two items that the solution consists of:
// nothing but one paragraph stands before it.
std::vector<std::size_t> listMarkers(std::string_view text, const std::vector<SplitLine>& lines) {
    std::vector<std::size_t> starts;
    std::size_t paragraphsBefore = 0;
    bool wasBlank = true;
    for (const SplitLine& line : lines) {
        if (line.blank) {
            wasBlank = true;
            continue;
        }
        const bool item = !line.inside && line.head.listNumber && line.head.indent == 0;
        const int expected = static_cast<int>(starts.size()) + 1;
        if (item && *line.head.listNumber == expected) {
            starts.push_back(line.span.begin);
        } else if (item && *line.head.listNumber == 1) {
            return {}; // several lists: no list of steps
        } else if (starts.empty() && wasBlank) {
            ++paragraphsBefore;
        }
        wasBlank = false;
    }
    const bool steps =
        starts.size() > 1 && paragraphsBefore <= 1 && !isOutline(text, lines, starts);
    return steps ? starts : std::vector<std::size_t>{};
}

// What follows the last marked step in a paragraph of its own and draws the conclusion is a step
// too.
void addConclusion(std::string_view text, const std::vector<SplitLine>& lines,
                   std::vector<std::size_t>& starts) {
    bool wasBlank = false;
    for (const SplitLine& line : lines) {
        if (!line.blank && wasBlank && !line.inside && line.span.begin > starts.back() &&
            line.head.indent == 0 && startsConclusion(text, line)) {
            starts.push_back(line.span.begin);
            return;
        }
        wasBlank = line.blank;
    }
}

// Starts of the parts between blank lines; a title opens the part that follows it.
std::vector<std::size_t> paragraphStarts(std::string_view text,
                                         const std::vector<SplitLine>& lines) {
    std::vector<std::size_t> starts;
    bool open = false;      // inside a paragraph
    bool titleOnly = false; // it has only titles so far
    for (const SplitLine& line : lines) {
        if (line.blank) {
            if (!line.inside) {
                open = open && titleOnly;
            }
            continue;
        }
        const bool title = !line.inside && isTitle(text, line);
        if (!open) {
            starts.push_back(line.span.begin);
            titleOnly = title;
        } else {
            titleOnly = titleOnly && title;
        }
        open = true;
    }
    // A title with nothing behind it closes the last part instead of being a step of its own.
    if (titleOnly && starts.size() > 1) {
        starts.pop_back();
    }
    return starts;
}

// A long line that goes on in lower case was wrapped.
bool continues(std::string_view text, const SplitLine& before, const SplitLine& line) {
    constexpr std::size_t kWrapped = 60;
    const char first = text[base::trimmed(text, line.span).begin];
    return before.span.size() >= kWrapped && first >= 'a' && first <= 'z';
}

std::vector<std::size_t> lineStarts(std::string_view text, const std::vector<SplitLine>& lines) {
    std::vector<std::size_t> starts;
    const SplitLine* before = nullptr;
    bool afterTitle = false;
    bool inTable = false;
    for (const SplitLine& line : lines) {
        if (line.blank) {
            continue;
        }
        const bool row = text[base::trimmed(text, line.span).begin] == '|';
        const bool joined = line.inside || afterTitle || (row && inTable) ||
                            (before != nullptr && continues(text, *before, line));
        if (!joined) {
            starts.push_back(line.span.begin);
        }
        afterTitle = !line.inside && isTitle(text, line);
        inTable = row;
        before = &line;
    }
    return starts;
}

// "Let's work it out step by step:" in front of one block of lines.
bool isLeadIn(std::string_view text, Span paragraph) {
    const std::string_view content = base::slice(text, paragraph);
    const bool colon =
        !content.empty() && (content.back() == ':' ||
                             (content.size() > 3 && colonLength(content, content.size() - 3) == 3));
    return colon && content.find('\n') == std::string_view::npos;
}

} // namespace

std::vector<Span> splitSteps(std::string_view solution) {
    if (std::vector<Span> tagged = splitTags(solution); !tagged.empty()) {
        return tagged;
    }
    const std::vector<SplitLine> lines = readLines(solution);
    std::vector<std::size_t> starts = stepMarkers(solution, lines);
    if (starts.empty()) {
        starts = listMarkers(solution, lines);
    }
    if (!starts.empty()) {
        addConclusion(solution, lines, starts);
        return cutAt(solution, starts);
    }
    starts = paragraphStarts(solution, lines);
    std::vector<Span> paragraphs = cutAt(solution, starts);
    const bool leadIn = paragraphs.size() == 2 && isLeadIn(solution, paragraphs.front());
    if (paragraphs.size() == 1 || leadIn) {
        starts = lineStarts(solution, lines);
        if (leadIn && starts.size() > 1) {
            starts.erase(starts.begin()); // it goes with the first line
        }
        return cutAt(solution, starts);
    }
    return paragraphs;
}

} // namespace scrit::critique
