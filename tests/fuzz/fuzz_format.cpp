// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a file: every layout, every importer of problems and critiques, then every export
// view of what came out. Nothing may crash, and what this program wrote it must be able to read
// again.
#include "core/format/critique_importer.h"
#include "core/format/exporter.h"
#include "core/format/importer.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace scrit;
using namespace scrit::format;

namespace {

// The bytes as a file that can be opened by name, without touching a disk.
class MemoryFile {
public:
    MemoryFile(const void* data, std::size_t size) : m_fd(::memfd_create("fuzz", 0)) {
        if (m_fd < 0 || ::write(m_fd, data, size) != static_cast<ssize_t>(size)) {
            std::abort();
        }
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() { ::close(m_fd); }
    std::string path() const { return "/proc/self/fd/" + std::to_string(m_fd); }

private:
    int m_fd;
};

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "violated: %s\n", what);
        std::abort();
    }
}

void checkSolution(const model::Solution& solution) {
    for (const base::Span step : solution.steps) {
        require(step.begin <= step.end && step.end <= solution.text.size(),
                "steps lie in the text");
    }
    require(base::isValidUtf8(solution.text), "text is UTF-8");
}

void exportAndReadBack(ImportedCritique&& imported) {
    ExportItem item;
    item.problem = std::move(imported.subject->problem);
    item.solution = std::move(imported.subject->solutions.front().solution);
    item.critique = std::move(imported.critique);
    item.verdicts = std::move(imported.verdicts);
    item.annotations = std::move(imported.annotations);
    for (const View* view : views()) {
        const base::Expected<std::string> row = view->render(item);
        if (row && view->info().name == "jsonl-full") {
            ImportPlan plan;
            plan.file = "again";
            plan.format = "jsonl-full";
            const base::Expected<ImportedCritique> again = convertCritique(plan, {1, *row, {}});
            require(again.has_value(), "an exported row can be read");
            require(again->critique.key == item.critique.key, "identity survives the export");
        }
    }
}

void importAs(const std::string& path, const std::string& format) {
    ImportOptions options;
    options.as = format;
    options.maxLineBytes = 4096;
    ImportSinks sinks;
    sinks.record = [](ImportedProblem&& item, std::uint64_t) -> base::Expected<void> {
        for (const ImportedSolution& solution : item.solutions) {
            checkSolution(solution.solution);
        }
        return {};
    };
    sinks.badLine = [](const BadLine& line) -> base::Expected<void> {
        require(!line.reason.empty(), "a bad line has a reason");
        return {};
    };
    if (const auto counts = importFile(path, options, sinks)) {
        require(counts->lines == counts->good + counts->bad, "every line is accounted for");
    }
}

void importCritiquesAs(const std::string& path, const std::string& format) {
    ImportOptions options;
    options.as = format;
    CritiqueSinks sinks;
    sinks.record = [](ImportedCritique&& item, std::uint64_t) -> base::Expected<void> {
        if (item.subject) {
            exportAndReadBack(std::move(item));
        }
        return {};
    };
    sinks.badLine = [](const BadLine&) -> base::Expected<void> {
        return {};
    };
    (void)importCritiques(path, options, sinks);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const MemoryFile file(data, size);
    importAs(file.path(), "auto");
    for (const FormatInfo& format : importFormats()) {
        importAs(file.path(), std::string(format.name));
    }
    importCritiquesAs(file.path(), "auto");
    for (const FormatInfo& format : critiqueFormats()) {
        importCritiquesAs(file.path(), std::string(format.name));
    }
    return 0;
}
