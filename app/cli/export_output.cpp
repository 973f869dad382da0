// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/export_output.h"

#include "app/cli/session.h"
#include "app/cli/terminal.h"
#include "core/base/text.h"
#include "core/critique/critique_parser.h"

#include <algorithm>

namespace scrit::cli {
namespace {

namespace export_stage = loop::export_stage;

Json funnelJson(const std::vector<loop::ExportStage>& funnel) {
    Json stages = Json::array();
    for (const loop::ExportStage& step : funnel) {
        stages.push_back({{"stage", step.name}, {"left", step.left}, {"dropped", step.dropped}});
    }
    return stages;
}

Json spansJson(const std::vector<base::Span>& spans) {
    Json list = Json::array();
    for (const base::Span span : spans) {
        list.push_back({{"begin", span.begin}, {"end", span.end}});
    }
    return list;
}

Json previewRowJson(const loop::PreviewRow& row) {
    Json turns = Json::array();
    for (const loop::PreviewTurn& turn : row.turns) {
        turns.push_back({{"role", turn.role},
                         {"text", turn.text},
                         {"learned", turn.learned},
                         {"tokens", turn.tokens},
                         {"mentions", spansJson(turn.mentions)},
                         {"copies", spansJson(turn.copies)}});
    }
    return {{"critique", row.critiqueId},
            {"rejected", row.rejectedId == 0 ? Json() : Json(row.rejectedId)},
            {"dropped_by", textOrNull(row.droppedBy)},
            {"split", row.split},
            {"tokens", row.tokens},
            {"learned_tokens", row.learnedTokens},
            {"turns", std::move(turns)},
            {"row", textOrNull(row.text)}};
}

void addFunnel(Table& table, const std::vector<loop::ExportStage>& funnel) {
    for (const loop::ExportStage& step : funnel) {
        if (step.name == export_stage::kSelected) {
            table.add({"selected by the filter", std::to_string(step.left)});
        } else if (step.dropped > 0) {
            table.add({"dropped: " + std::string(loop::dropReason(step.name)),
                       std::to_string(step.dropped)});
        }
    }
}

// Text with what gives the reference away between marks that no terminal takes for anything else.
std::string marked(const loop::PreviewTurn& turn) {
    std::string out;
    std::size_t at = 0;
    std::vector<base::Span> spans = turn.mentions;
    spans.insert(spans.end(), turn.copies.begin(), turn.copies.end());
    std::sort(spans.begin(), spans.end(),
              [](base::Span a, base::Span b) { return a.begin < b.begin; });
    for (const base::Span span : spans) {
        if (span.begin < at) {
            continue;
        }
        out += base::escapeForTerminal(std::string_view(turn.text).substr(at, span.begin - at));
        out += "[LEAK: " + base::escapeForTerminal(base::slice(turn.text, span)) + "]";
        at = span.end;
    }
    return out + base::escapeForTerminal(std::string_view(turn.text).substr(at));
}

void printRow(const loop::PreviewRow& row, const std::string& heading) {
    print("\n" + heading + "  critique " + std::to_string(row.critiqueId) +
          (row.rejectedId != 0 ? " against " + std::to_string(row.rejectedId) : "") + "  about " +
          std::to_string(row.tokens) + " tokens, " + std::to_string(row.learnedTokens) +
          " of them learned\n");
    for (const loop::PreviewTurn& turn : row.turns) {
        print("--- " + base::escapeForTerminal(turn.role) + (turn.learned ? " (learned)" : "") +
              ", about " + std::to_string(turn.tokens) + " tokens\n" + marked(turn) + "\n");
    }
}

} // namespace

Json exportJson(const loop::ExportSummary& summary) {
    Json files = Json::array();
    for (const format::DatasetFile& file : summary.dataset.files) {
        files.push_back({{"name", file.name},
                         {"split", file.split},
                         {"rows", file.rows},
                         {"bytes", file.bytes},
                         {"sha256", file.sha256}});
    }
    Json withoutRow = Json::object();
    std::uint64_t unparsed = 0;
    for (const auto& [reason, count] : summary.dataset.dropped) {
        if (reason == critique::problem::kNoConclusion ||
            reason == critique::problem::kNoFirstErrorStep) {
            unparsed += count;
        } else {
            withoutRow[reason] = count;
        }
    }
    const std::uint64_t mentions = summary.dropped(export_stage::kNoMention);
    const std::uint64_t copies = summary.dropped(export_stage::kNoCopy);
    return {{"folder", summary.dataset.folder.string()},
            {"selected", summary.selected()},
            {"unparsed", unparsed},
            {"leaks", mentions + copies},
            {"leak_mentions", mentions},
            {"leak_copies", copies},
            {"contaminated", summary.dropped(export_stage::kClean)},
            {"duplicates", summary.dropped(export_stage::kDistinct)},
            {"near_duplicates", summary.dropped(export_stage::kDissimilar)},
            {"over_source_cap", summary.dropped(export_stage::kSourceCap)},
            {"over_student_cap", summary.dropped(export_stage::kStudentCap)},
            {"unbalanced", summary.dropped(export_stage::kBalanced)},
            {"unpaired", summary.dropped(export_stage::kPaired)},
            {"without_row", std::move(withoutRow)},
            {"rows", summary.dataset.rows},
            {"funnel", funnelJson(summary.funnel)},
            {"files", std::move(files)}};
}

Json previewJson(const loop::ExportPreview& preview) {
    Json rows = Json::array();
    for (const loop::PreviewRow& row : preview.examples) {
        rows.push_back(previewRowJson(row));
    }
    Json dropped = Json::array();
    for (const loop::PreviewRow& row : preview.dropped) {
        dropped.push_back(previewRowJson(row));
    }
    Json splits = Json::object();
    for (const auto& [split, count] : preview.rowsBySplit) {
        splits[split] = count;
    }
    return {{"funnel", funnelJson(preview.funnel)},
            {"funnel_is_whole", preview.funnelIsWhole},
            {"rows", preview.rows},
            {"rows_by_split", std::move(splits)},
            {"tokens", preview.tokens},
            {"examples", std::move(rows)},
            {"dropped", std::move(dropped)}};
}

void printExport(const loop::ExportSummary& summary) {
    Table table({{"stage"}, {"critiques", true}});
    addFunnel(table, summary.funnel);
    for (const auto& [reason, count] : summary.dataset.dropped) {
        table.add({"  no row: " + base::escapeForTerminal(base::excerpt(reason, 80)),
                   std::to_string(count)});
    }
    table.add({"rows written", std::to_string(summary.dataset.rows)});
    table.finish();
    for (const format::DatasetFile& file : summary.dataset.files) {
        print(base::escapeForTerminal((summary.dataset.folder / file.name).string()) + "  " +
              std::to_string(file.rows) + " rows  sha256 " + file.sha256 + "\n");
    }
    if (summary.dropped(export_stage::kNoMention) > 0) {
        print("--keep-leaks keeps critiques that mention the reference solution\n");
    }
    if (summary.dropped(export_stage::kNoCopy) > 0) {
        print("--keep-copies keeps critiques that copy from the reference solution\n");
    }
}

void printPreview(const loop::ExportPreview& preview) {
    Table table({{"stage"}, {"critiques", true}});
    addFunnel(table, preview.funnel);
    table.add({"rows that would be written", std::to_string(preview.rows)});
    for (const auto& [split, count] : preview.rowsBySplit) {
        table.add({"  " + split, std::to_string(count)});
    }
    table.finish();
    std::size_t number = 0;
    for (const loop::PreviewRow& row : preview.examples) {
        printRow(row, "row " + std::to_string(++number) + " (" + row.split + ")");
    }
    for (const loop::PreviewRow& row : preview.dropped) {
        printRow(row, "dropped, they " + std::string(loop::dropReason(row.droppedBy)) + ":");
    }
}

} // namespace scrit::cli
