// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/pipe_filter.h"

#include "core/base/text.h"
#include "core/format/json_repair.h"
#include "core/format/line_reader.h"
#include "core/loop/ordered_pool.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

namespace scrit::cli {
namespace {

using base::Expected;

constexpr std::size_t kGroupLines = 32;
constexpr std::size_t kGroupBytes = std::size_t{64} << 10U;

// Standard input that tells when it has to wait for more.
class InteractiveInput : public format::ByteSource {
public:
    InteractiveInput(const base::CancelToken& cancel, std::function<void()> idle)
        : m_cancel(cancel), m_idle(std::move(idle)) {}

    Expected<std::size_t> read(char* buffer, std::size_t size) override {
        pollfd waiting{STDIN_FILENO, POLLIN, 0};
        if (poll(&waiting, 1, 0) == 0) {
            m_idle();
        }
        while (!m_cancel.isCancelled()) {
            // A short wait, so that a signal between the test and the call is seen, too.
            constexpr int kWaitMillis = 200;
            const int ready = poll(&waiting, 1, kWaitMillis);
            if (ready == 0 || (ready < 0 && errno == EINTR)) {
                continue;
            }
            const ssize_t got = ::read(STDIN_FILENO, buffer, size);
            if (got >= 0) {
                m_used += static_cast<std::uint64_t>(got);
                return static_cast<std::size_t>(got);
            }
            if (errno != EINTR && errno != EAGAIN) {
                return base::fail(base::systemError(errno, "cannot read", "the standard input"));
            }
        }
        return 0;
    }
    std::uint64_t bytesConsumed() const override { return m_used; }
    std::uint64_t bytesTotal() const override { return 0; }

private:
    base::CancelToken m_cancel;
    std::function<void()> m_idle;
    std::uint64_t m_used = 0;
};

struct InputLine {
    std::uint64_t number = 0;
    std::string text;
    bool tooLong = false;
};

struct Answered {
    std::string text; // whole lines
    std::size_t lines = 0;
    std::size_t bad = 0;
};

Json withError(const Json& id, const std::string& reason) {
    Json out = Json::object();
    if (!id.is_discarded()) {
        out["id"] = id;
    }
    out["error"] = reason;
    return out;
}

struct LineInput { // NOLINT(bugprone-exception-escape): JSON values move without exceptions
    Json value;
    bool madeVisible = false; // its texts are not quite those of the line
};

// Throws what nlohmann's parser throws.
LineInput parsedLine(const std::string& line) {
    LineInput input;
    input.madeVisible = !base::isValidUtf8(line) || line.find('\0') != std::string::npos;
    const std::string visible = input.madeVisible ? format::visibleJson(line) : std::string();
    const std::string& text = input.madeVisible ? visible : line;
    const auto repaired = format::repairedJson(text);
    input.madeVisible = input.madeVisible || (repaired && repaired->madeVisible);
    input.value = Json::parse(repaired ? repaired->text : text);
    return input;
}

// The text that offsets of an answer count in; null for an answer that has none.
Json textWithOffsets(const Json& input) {
    for (const char* key : {"critique", "text"}) {
        if (const auto found = input.find(key); found != input.end() && found->is_string()) {
            return *found;
        }
    }
    return nullptr;
}

// Never throws: nlohmann's exceptions end here.
Json answerLine(const InputLine& line, const PipeAnswer& answer, bool& bad) {
    const Json noId = Json(Json::value_t::discarded);
    bad = true;
    const std::string where = "line " + std::to_string(line.number) + ": ";
    if (line.tooLong) {
        return withError(noId, where + "longer than 64 MiB");
    }
    LineInput parsed;
    const Json& input = parsed.value;
    try {
        parsed = parsedLine(line.text);
    } catch (const Json::parse_error& error) {
        return withError(noId, where + "not valid JSON at byte " + std::to_string(error.byte));
    } catch (const std::exception& error) { // e.g. a number out of range
        return withError(noId, where + "not valid JSON: " + error.what());
    }
    if (!input.is_object()) {
        return withError(noId, where + "not a JSON object");
    }
    Json id = noId;
    if (const auto found = input.find("id"); found != input.end()) {
        if (found->is_structured()) {
            return withError(noId, where + "\"id\" is neither a text nor a number");
        }
        id = *found;
    }
    try {
        Expected<Json> body = answer(input);
        if (!body) {
            return withError(id, body.error().text());
        }
        bad = false;
        Json out = Json::object();
        if (!id.is_discarded()) {
            out["id"] = std::move(id);
        }
        out.update(*body);
        if (parsed.madeVisible) {
            if (Json text = textWithOffsets(input); !text.is_null()) {
                out["text"] = std::move(text);
            }
        }
        return out;
    } catch (const std::exception& error) {
        return withError(id, error.what());
    }
}

// The line of an answer. A number that is the id is a key to join by: it comes back as it was
// written, also where a double would round it.
std::string writtenLine(const InputLine& line, const Json& answer) {
    const auto id = answer.find("id");
    const bool mayBeNumber = id != answer.end() && (id->is_number() || id->is_string());
    const auto number = mayBeNumber ? format::writtenNumber(line.text, "id") : std::nullopt;
    if (!number) {
        return dumped(answer) + "\n";
    }
    Json rest = answer;
    rest.erase("id");
    const std::string members = dumped(rest).substr(1);
    return "{\"id\":" + std::string(*number) + (members == "}" ? "" : ",") + members + "\n";
}

} // namespace

Expected<std::string> textField(const Json& input, const std::string& key) {
    const auto found = input.find(key);
    if (found == input.end()) {
        return base::fail(base::ErrorCode::Parse, "\"" + key + "\" is missing");
    }
    if (found->is_number()) {
        return found->dump();
    }
    if (!found->is_string()) {
        return base::fail(base::ErrorCode::Parse, "\"" + key + "\" is not a text");
    }
    return found->get<std::string>();
}

Expected<int> runPipeFilter(Session& session, const PipeAnswer& answer) {
    std::size_t lines = 0;
    std::size_t bad = 0;
    using Lines = std::vector<InputLine>;
    const int threads = loop::workerThreads(0);
    loop::OrderedPool<Lines, Answered> pool(
        threads, static_cast<std::size_t>(threads) * 4,
        [&answer](Lines&& batch) {
            Answered out;
            for (const InputLine& line : batch) {
                bool failed = false;
                out.text += writtenLine(line, answerLine(line, answer, failed));
                out.bad += failed ? 1 : 0;
            }
            out.lines = batch.size();
            return out;
        },
        [&lines, &bad](Answered&& answered) -> Expected<void> {
            print(answered.text);
            lines += answered.lines;
            bad += answered.bad;
            return {};
        });
    Lines group;
    std::size_t groupBytes = 0;
    // The sink never fails, so neither do push() and drain().
    const auto pushGroup = [&] {
        if (!group.empty()) {
            static_cast<void>(pool.push(std::exchange(group, {})));
            groupBytes = 0;
        }
    };
    const auto answerAll = [&] {
        pushGroup();
        static_cast<void>(pool.drain());
        return pushOutput();
    };
    bool written = true; // a disk that is full takes no more: main() says so
    format::LineReader reader(std::make_unique<InteractiveInput>(
                                  session.cancel, [&] { written = answerAll() && written; }),
                              format::kMaxLineBytes);
    for (format::Line line;;) {
        const Expected<bool> read = reader.next(line);
        if (!read) {
            answerAll();
            return base::fail(read.error());
        }
        if (!*read || !written || session.cancel.isCancelled()) {
            break;
        }
        if (base::trimmed(line.text).empty() && !line.tooLong) {
            continue;
        }
        group.push_back({line.number, std::string(line.text), line.tooLong});
        groupBytes += line.text.size();
        if (group.size() >= kGroupLines || groupBytes >= kGroupBytes) {
            pushGroup();
        }
    }
    if (!answerAll()) {
        return kFailed;
    }
    if (session.cancel.isCancelled()) {
        return kInterrupted;
    }
    if (bad > 0) {
        printNote(std::to_string(bad) + " of " + std::to_string(lines) +
                  (lines == 1 ? " line" : " lines") +
                  " could not be answered: each has an \"error\"");
    }
    return bad > 0 ? kFailed : kOk;
}

} // namespace scrit::cli
