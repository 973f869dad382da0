// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report.h"

#include "core/base/clock.h"
#include "core/report/html.h"
#include "core/report/report_sections.h"
#include "core/report/report_style.h"
#include "core/report/svg_charts.h"

#include <algorithm>

namespace scrit::report {
namespace {

constexpr int kMostColumns = 14; // of the histogram of steps; what lies behind is one column

std::optional<double> share(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? std::optional(static_cast<double>(part) / static_cast<double>(whole))
                     : std::nullopt;
}

std::string tile(std::string_view value, std::string_view what) {
    return "<div class=\"tile\"><b>" + std::string(value) + "</b><span>" + std::string(what) +
           "</span></div>";
}

std::string funnelSection(const store::Status& status) {
    struct Row {
        std::string_view name;
        std::int64_t count;
        std::int64_t of; // the whole that the bar is a share of
        bool deep;
    };
    const std::vector<Row> rows{
        {"problems", status.problems, status.problems, false},
        {"solutions", status.solutions, status.solutions, false},
        {"known to be correct", status.solutionsCorrect, status.solutions, true},
        {"known to be incorrect", status.solutionsIncorrect, status.solutions, true},
        {"pairs of a solution and a reference", status.pairs, status.solutions, false},
        {"critiques", status.critiques, status.critiques, false},
        {"read: conclusion and first error step", status.critiquesParsed, status.critiques, true},
        {"self-validated", status.selfValidated, status.critiques, true},
        {"correction's answer is right", status.answerMatched, status.critiques, true},
        {"annotations by people", status.annotations, 0, false}};
    std::string body = "<div class=\"scroll\"><table><tr><th>stage</th><th class=\"n\">count</th>"
                       "<th class=\"n\">share</th><th></th></tr>";
    for (const Row& row : rows) {
        const std::optional<double> part = row.deep ? share(row.count, row.of) : std::nullopt;
        body +=
            "<tr><td class=\"name" + std::string(row.deep ? " deep" : "") + "\">" +
            std::string(row.name) + "</td><td class=\"n\">" + grouped(row.count) +
            "</td><td class=\"n\">" + (part ? percent(part) : std::string{}) +
            "</td><td class=\"wide\">" +
            (part ? shareBar(*part, std::string(row.name) + ": " + percent(part)) : std::string{}) +
            "</td></tr>";
    }
    return section("funnel", "From problems to critiques", "The whole workspace.",
                   body + "</table></div>");
}

std::string cell(std::string_view style, std::int64_t count, std::int64_t all,
                 std::string_view what) {
    return "<div class=\"" + std::string(style) + "\"><b>" + grouped(count) + "</b>" +
           percent(share(count, all)) + " · " + std::string(what) + "</div>";
}

std::string agreementSection(const store::Status& status) {
    const std::int64_t all = status.validatedMatch + status.validatedMismatch +
                             status.rejectedMatch + status.rejectedMismatch;
    if (all == 0) {
        return {};
    }
    const std::string body =
        "<div class=\"cells\"><div></div><div class=\"head\">answer matches</div>"
        "<div class=\"head\">answer differs</div><div class=\"head\">validated</div>" +
        cell("good", status.validatedMatch, all, "both say yes") +
        cell("bad", status.validatedMismatch, all, "passed with a wrong answer") +
        "<div class=\"head\">rejected</div>" +
        cell("bad", status.rejectedMatch, all, "held back with a right answer") +
        cell("good", status.rejectedMismatch, all, "both say no") + "</div>";
    return section("agreement", "Self-validation against the answer",
                   "The same critic judges its own correction; the answer is compared with the "
                   "reference answer. The two cells in orange are worth reading.",
                   body);
}

std::string ratesTable(const std::vector<ValidationRate>& rates, std::string_view heading) {
    std::string body = "<div class=\"scroll\"><table><tr><th>" + std::string(heading) +
                       "</th><th class=\"n\">validated</th><th class=\"n\">of</th>"
                       "<th class=\"n\">rate</th><th>with a 95 % interval</th></tr>";
    for (const ValidationRate& rate : rates) {
        const std::optional<double> value = share(rate.validated, rate.decided);
        body += "<tr><td class=\"name\">" + escaped(rate.name) + "</td><td class=\"n\">" +
                grouped(rate.validated) + "</td><td class=\"n\">" + grouped(rate.decided) +
                "</td><td class=\"n\">" + percent(value) + "</td><td class=\"wide\">" +
                intervalMark(value, eval::wilson(rate.validated, rate.decided), rate.name) +
                "</td></tr>";
    }
    return body + "</table></div>";
}

std::string ratesSection(const ReportData& data) {
    if (data.bySource.empty()) {
        return {};
    }
    std::vector<CurvePoint> points;
    for (const ValidationRate& rate : data.byDifficulty) {
        points.push_back({rate.name, rate.validated, rate.decided});
    }
    const std::string body =
        "<h3>By difficulty</h3>" +
        rateCurve(points, "Rate of self-validation by the number of different answers",
                  "different final answers among the students of a problem") +
        "<h3>By source</h3>" + ratesTable(data.bySource, "source") + "<br><h3>By critic</h3>" +
        ratesTable(data.byCritic, "critic, mode, round");
    return section("validation", "How often a critique passes its own validation",
                   "Of the critiques whose self-validation decided. Intervals are Wilson's, 95 %. "
                   "A problem is the harder the more different answers its students gave.",
                   body);
}

std::string stepsSection(const ReportData& data) {
    if (data.firstErrorSteps.empty() && data.noError == 0) {
        return {};
    }
    std::vector<Column> columns{{"none", data.noError, true}};
    std::int64_t later = 0;
    const int last = data.firstErrorSteps.empty() ? -1 : data.firstErrorSteps.rbegin()->first;
    for (int step = 0; step <= std::min(last, kMostColumns - 1); ++step) {
        const auto found = data.firstErrorSteps.find(step);
        columns.push_back({std::to_string(step + 1),
                           found == data.firstErrorSteps.end() ? 0 : found->second, false});
    }
    for (const auto& [step, count] : data.firstErrorSteps) {
        later += step >= kMostColumns ? count : 0;
    }
    if (later > 0) {
        columns.push_back({"later", later, true});
    }
    if (data.noStep > 0) {
        columns.push_back({"unsaid", data.noStep, true});
    }
    return section("steps", "First wrong step",
                   "As the critiques say, counting steps from 1. “None” is a critique "
                   "that approves the solution.",
                   columnChart(columns, "Histogram of the first wrong step"));
}

std::string flagsSection(const ReportData& data) {
    if (data.flags.empty()) {
        return {};
    }
    std::string body = "<div class=\"scroll\"><table><tr><th>flag</th><th class=\"n\">critiques"
                       "</th><th class=\"n\">share</th><th></th></tr>";
    for (const auto& [flag, count] : data.flags) {
        const std::optional<double> part = share(count, data.critiques);
        body += "<tr><td class=\"name\">" + escaped(model::name(flag)) + "<br><span class=\"id\">" +
                escaped(model::explanation(flag)) + "</span></td><td class=\"n\">" +
                grouped(count) + "</td><td class=\"n\">" + percent(part) +
                "</td><td class=\"wide\">" +
                shareBar(part.value_or(0), std::string(model::name(flag)) + ": " + percent(part)) +
                "</td></tr>";
    }
    return section("flags", "Red flags", "Known failures of critics. A flag is a hint, no verdict.",
                   body + "</table></div>");
}

std::string auditRow(std::string_view name, const eval::Rate& rate) {
    return "<tr><td class=\"name\">" + std::string(name) + "</td><td class=\"n\">" +
           grouped(rate.successes) + "</td><td class=\"n\">" + grouped(rate.n) +
           "</td><td class=\"n\">" + percent(rate.value) + "</td><td class=\"wide\">" +
           intervalMark(rate.value, rate.interval, name) + "</td></tr>";
}

std::string auditSection(const ReportData& data) {
    if (!data.audit) {
        return {};
    }
    const eval::AuditRow& total = data.audit->total;
    std::string body =
        "<div class=\"scroll\"><table><tr><th>figure</th><th class=\"n\">hits</th>"
        "<th class=\"n\">of</th><th class=\"n\">rate</th><th>with a 95 % interval</th></tr>" +
        auditRow("precision: validated, and people agree", total.precision) +
        auditRow("recall: right for people, and validated", total.recall) +
        auditRow("both say the same", total.accuracy) + "</table></div><p class=\"about\">" +
        grouped(total.cells.total()) + " critiques were judged by people";
    if (data.unsure > 0) {
        body += ", " + grouped(data.unsure) + " more left them unsure";
    }
    body += ". The rates are those of the judged critiques; where they were drawn by strata, "
            "<code>scrit review stats</code> weighs them.</p>";
    return section("audit", "Self-validation against people", "", body);
}

std::string contents(const std::string& page) {
    std::string links;
    constexpr std::string_view kMark = "<section id=\"";
    for (std::size_t at = page.find(kMark); at != std::string::npos;
         at = page.find(kMark, at + 1)) {
        const std::size_t id = at + kMark.size();
        const std::size_t heading = page.find("<h2>", id) + 4;
        links += "<a href=\"#" + page.substr(id, page.find('"', id) - id) + "\">" +
                 page.substr(heading, page.find("</h2>", heading) - heading) + "</a>";
    }
    return links.empty() ? std::string{} : "<nav>" + links + "</nav>";
}

} // namespace

std::string section(std::string_view id, std::string_view heading, std::string_view about,
                    const std::string& body) {
    if (body.empty()) {
        return {};
    }
    return "<section id=\"" + std::string(id) + "\"><h2>" + std::string(heading) + "</h2>" +
           (about.empty() ? std::string{} : "<p class=\"about\">" + std::string(about) + "</p>") +
           body + "</section>\n";
}

std::string reportPage(const ReportData& data, const DataOptions& options, const ReportInfo& info) {
    const store::Status& status = data.status;
    std::int64_t decided = 0;
    std::int64_t validated = 0;
    for (const ValidationRate& rate : data.bySource) {
        decided += rate.decided;
        validated += rate.validated;
    }
    const std::string sections = funnelSection(status) + agreementSection(status) +
                                 ratesSection(data) + stepsSection(data) + flagsSection(data) +
                                 auditSection(data) + tracesSection(data.traces);
    const std::string title = escaped(info.title);
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
        title + "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n<body>\n<main>\n";
    page += "<header><h1>" + title + "</h1><p class=\"about\">Critiques of step-by-step solutions";
    page += options.filter.empty() ? std::string(".")
                                   : "; rates, histogram, flags and traces for the filter <code>" +
                                         escaped(options.filter) + "</code>.";
    page += "</p>" + contents(sections) + "</header>\n<div class=\"tiles\">" +
            tile(grouped(status.problems), "problems") +
            tile(grouped(status.solutions), "candidate solutions") +
            tile(grouped(data.critiques),
                 options.filter.empty() ? "critiques" : "critiques of the filter") +
            tile(percent(share(validated, decided)), "pass their own validation") +
            tile(grouped(status.annotations), "annotations by people") + "</div>\n" + sections;
    page += "<footer>Made by Scrit Studio " + escaped(info.softwareVersion);
    if (info.createdAt != 0) {
        page += " on " + escaped(base::isoUtc(info.createdAt));
    }
    return page + ". This page loads nothing from anywhere.</footer>\n</main>\n</body>\n</html>\n";
}

} // namespace scrit::report
