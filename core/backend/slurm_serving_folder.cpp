// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/slurm_serving_folder.h"

#include "core/backend/managed_server.h"
#include "core/backend/redact.h"
#include "core/backend/server_plan.h"
#include "core/backend/slurm_client.h"
#include "core/backend/slurm_script.h"
#include "core/base/atomic_file.h"
#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/resources.h"
#include "core/base/text.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <system_error>
#include <utility>

namespace scrit::backend {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kSmall = 64 * 1024;
constexpr std::string_view kKeyMark = "\x01key"; // in a command: the place of the key
constexpr int kMostHosts = 8;
constexpr std::uint64_t kLogTail = 64 * 1024;

std::optional<int> wholeNumber(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value >= 0
               ? std::optional(value)
               : std::nullopt;
}

std::vector<std::string> wordsIn(const fs::path& file) {
    std::istringstream text(base::readFile(file, kSmall).value_or(""));
    std::vector<std::string> words;
    for (std::string word; text >> word && words.size() < 20;) {
        words.push_back(std::move(word));
    }
    return words;
}

bool isHost(std::string_view text) {
    return !text.empty() && text.size() < 256 &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
           });
}

base::Expected<void> writeWhole(const fs::path& path, std::string_view text) {
    base::Expected<base::AtomicFile> file = base::AtomicFile::create(path);
    if (!file) {
        return base::fail(file.error());
    }
    base::Expected<void> written = file->write(text);
    return written ? file->commit() : written;
}

// What a plan would choose for this machine is left to the server: its node is another one.
std::vector<std::string> plannedArguments(ModelKind kind, const ModelSettings& settings) {
    std::vector<std::string> arguments;
    const auto add = [&](const std::vector<std::string>& names, std::int64_t value) {
        if (value >= 0 && !argumentValue(settings.extraArguments, names)) {
            arguments.push_back(names.back());
            arguments.push_back(std::to_string(value));
        }
    };
    const std::int64_t slots = settings.slots > 0 ? settings.slots : -1;
    const std::int64_t context = settings.contextTokens > 0 ? settings.contextTokens : -1;
    if (kind == ModelKind::Vllm) {
        add({"--max-num-seqs"}, slots);
        add({"--max-model-len"}, context);
        return arguments;
    }
    constexpr std::int64_t kAllLayers = 999;
    const bool hasGpu = settings.slurm && !settings.slurm->gres.empty();
    add({"-np", "--parallel"}, slots > 0 ? slots : context > 0 ? 4 : -1);
    add({"-c", "--ctx-size"}, context > 0 ? context * (slots > 0 ? slots : 4) : -1);
    add({"-ngl", "--n-gpu-layers"}, settings.gpuLayers >= 0 ? settings.gpuLayers
                                    : hasGpu                ? kAllLayers
                                                            : -1);
    return arguments;
}

Command commandFor(ModelKind kind, const ModelSettings& settings) {
    ManagedServerSettings server;
    server.kind = kind == ModelKind::Vllm ? ServerKind::Vllm : ServerKind::LlamaServer;
    server.program = settings.program;
    server.modelFile = kind == ModelKind::Vllm ? settings.modelId : settings.modelFile;
    server.host = "0.0.0.0"; // the nodes' network, not only the node itself
    for (const std::string& adapter : settings.loraFiles) {
        server.extraArguments.insert(server.extraArguments.end(), {"--lora", adapter});
    }
    server.extraArguments.insert(server.extraArguments.end(), settings.extraArguments.begin(),
                                 settings.extraArguments.end());
    return serverCommand(server, 0, std::string(kKeyMark), plannedArguments(kind, settings));
}

std::string startLines(const Command& command) {
    std::string lines = "start() {\n";
    for (const auto& [name, value] : command.environment) {
        lines +=
            value == kKeyMark
                ? "    " + name + "=$(cat \"$folder/key\") || exit 1\n    export " + name + "\n"
                : "    export " + shellQuoted(name + "=" + value) + "\n";
    }
    lines += "    exec " + shellQuoted(command.program);
    bool isPort = false;
    for (const std::string& argument : command.arguments) {
        lines += isPort ? " \"$port\"" : " " + shellQuoted(argument);
        isPort = argument == "--port";
    }
    return lines + "\n}\n";
}

} // namespace

base::Expected<fs::path> servingFolder(ModelKind kind, const ModelSettings& settings) {
    const std::string own =
        "serving-" + base::contentHash({name(kind), settingsJson(kind, settings)}).substr(0, 16);
    if (settings.slurm && !settings.slurm->folder.empty()) {
        return fs::path(settings.slurm->folder) / own;
    }
    const auto named = [](const char* variable) -> std::string {
        const char* value = std::getenv(variable);
        return value != nullptr && *value == '/' ? value : "";
    };
    const std::string state = named("XDG_STATE_HOME");
    const std::string home = named("HOME");
    if (state.empty() && home.empty()) {
        return base::fail(base::ErrorCode::NotFound, "there is no home folder for Slurm's jobs",
                          "name one that all nodes see with --slurm folder=PATH");
    }
    return fs::path(state.empty() ? home + "/.local/state" : state) / "scrit-studio" / "slurm" /
           own;
}

base::Expected<FileLock> FileLock::take(const fs::path& file, Mode mode, std::int64_t millis) {
    const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return base::fail(base::systemError(errno, "cannot lock", file.string()));
    }
    FileLock lock(fd);
    const int operation = mode == Mode::Shared ? LOCK_SH : LOCK_EX;
    const std::int64_t until = base::steadyMillis() + millis;
    while (flock(fd, operation | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return base::fail(base::systemError(errno, "cannot lock", file.string()));
        }
        if (base::steadyMillis() >= until) {
            return base::fail(base::ErrorCode::Locked, "another process uses these servers",
                              "end that one first");
        }
        poll(nullptr, 0, 50);
    }
    return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(m_fd, other.m_fd);
    return *this;
}

FileLock::~FileLock() {
    if (m_fd >= 0) {
        ::close(m_fd);
    }
}

base::Expected<void> ServingFolder::make() const {
    std::error_code error;
    fs::create_directories(m_path, error);
    if (!error) {
        fs::permissions(m_path, fs::perms::owner_all, error);
    }
    return error ? base::fail(
                       base::systemError(error.value(), "cannot make the folder", m_path.string()))
                 : base::Expected<void>{};
}

ServingRecord ServingFolder::record() const {
    const nlohmann::json object = nlohmann::json::parse(
        base::readFile(m_path / "serving.json", kSmall).value_or(""), nullptr, false);
    ServingRecord record;
    if (!object.is_object()) {
        return record;
    }
    const auto text = [&](const char* key) {
        const auto found = object.find(key);
        return found != object.end() && found->is_string() ? found->get<std::string>() : "";
    };
    record.jobName = text("job_name");
    record.job = isSlurmJobId(text("job")) ? text("job") : "";
    const auto tasks = object.find("tasks");
    if (tasks != object.end() && tasks->is_number_integer() && *tasks > 0 && *tasks <= 10'000) {
        record.tasks = tasks->get<int>();
    }
    const auto keep = object.find("keep");
    record.keep = keep != object.end() && *keep == true;
    return record;
}

base::Expected<void> ServingFolder::write(const ServingRecord& record) const {
    const nlohmann::ordered_json object{{"job_name", record.jobName},
                                        {"job", record.job},
                                        {"tasks", record.tasks},
                                        {"keep", record.keep}};
    return writeWhole(m_path / "serving.json",
                      object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

std::string ServingFolder::key() const {
    return std::string(base::trimmed(base::readFile(m_path / "key", kSmall).value_or("")));
}

base::Expected<std::string> ServingFolder::makeKey() const {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::random_device device;
    std::string key;
    for (int i = 0; i < 32; ++i) {
        key += kDigits[device() % kDigits.size()];
    }
    const fs::path file = m_path / "key";
    std::error_code ignored;
    fs::remove(file, ignored);
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return base::fail(base::systemError(errno, "cannot write the key to", file.string()));
    }
    const bool written =
        ::write(fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && fsync(fd) == 0;
    const int error = errno;
    ::close(fd);
    if (!written) {
        return base::fail(base::systemError(error, "cannot write the key to", file.string()));
    }
    return key;
}

base::Expected<void> ServingFolder::writeScript(std::string_view text) const {
    return writeWhole(m_path / "serve.sh", text);
}

void ServingFolder::clear() const {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(m_path, error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("task-") || name.starts_with("beat-") || name.starts_with("exit-") ||
            name == "key" || name == "serving.json") {
            std::error_code ignored;
            fs::remove(entry.path(), ignored);
        }
    }
}

void ServingFolder::clearLogs() const {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(m_path, error)) {
        if (entry.path().filename().string().starts_with("log-")) {
            std::error_code ignored;
            fs::remove(entry.path(), ignored);
        }
    }
}

std::optional<ServingEndpoint> ServingFolder::endpoint(int task) const {
    const std::vector<std::string> words = wordsIn(m_path / ("task-" + std::to_string(task)));
    if (words.size() < 4) {
        return std::nullopt;
    }
    const std::optional<int> restart = wholeNumber(words[1]);
    const std::optional<int> port = wholeNumber(words[2]);
    if (!isSlurmJobId(words[0]) || !restart || !port || *port < 1 || *port > 65'535) {
        return std::nullopt;
    }
    ServingEndpoint endpoint{words[0], *restart, *port, {}};
    for (std::size_t i = 3; i < words.size() && endpoint.hosts.size() < kMostHosts; ++i) {
        const bool isNew = std::find(endpoint.hosts.begin(), endpoint.hosts.end(), words[i]) ==
                           endpoint.hosts.end();
        if (isHost(words[i]) && isNew) {
            endpoint.hosts.push_back(words[i]);
        }
    }
    return endpoint.hosts.empty() ? std::nullopt : std::optional(std::move(endpoint));
}

std::optional<ServingExit> ServingFolder::exit(int task) const {
    const std::vector<std::string> words = wordsIn(m_path / ("exit-" + std::to_string(task)));
    if (words.size() != 3 || !isSlurmJobId(words[0])) {
        return std::nullopt;
    }
    const std::optional<int> restart = wholeNumber(words[1]);
    const std::optional<int> code = wholeNumber(words[2]);
    return restart && code ? std::optional(ServingExit{words[0], *restart, *code}) : std::nullopt;
}

std::string ServingFolder::beat(int task) const {
    return base::readFile(m_path / ("beat-" + std::to_string(task)), kSmall).value_or("");
}

fs::path ServingFolder::log(int task) const {
    return m_path / ("log-" + std::to_string(task));
}

std::string ServingFolder::lastWords(int task, std::string_view key) const {
    std::ifstream in(log(task), std::ios::binary | std::ios::ate);
    if (!in) {
        return {};
    }
    const auto size = static_cast<std::uint64_t>(std::max<std::streamoff>(in.tellg(), 0));
    in.seekg(static_cast<std::streamoff>(size - std::min(size, kLogTail)));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(withoutKey(base::escapeForTerminal(base::trimmed(line)), key));
    }
    return backend::lastWords(lines);
}

std::string servingScript(ModelKind kind, const ModelSettings& settings, const fs::path& folder) {
    const SlurmSettings slurm = settings.slurm.value_or(SlurmSettings{});
    std::string script = "#!/bin/bash\n#SBATCH --nodes=1\n" + sbatchLines(slurm, 0);
    script += "# One server of Scrit Studio. The files of this folder tell where it is and how it "
              "ended.\n";
    script += "umask 077\nfolder=" + shellQuoted(folder.string()) + "\n";
    script += kScriptFunctions;
    script += R"sh(task=${SLURM_ARRAY_TASK_ID:-0}
me="$SLURM_ARRAY_JOB_ID ${SLURM_RESTART_COUNT:-0}"
rm -f "$folder/task-$task" "$folder/exit-$task"
server=
ended() {
    code=$?
    trap - EXIT
    rm -f "$folder/task-$task"
    put "$folder/exit-$task" "$me $code"
    kill "$beat" 2>/dev/null
    if [[ -n $server ]]; then
        # An open request can keep a server from ending.
        kill -TERM "$server" 2>/dev/null
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            kill -0 "$server" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$server" 2>/dev/null
    fi
    exit "$code"
}
(while put "$folder/beat-$task" "$me $SECONDS"; do sleep 5; done) &
beat=$!
trap ended EXIT
trap 'exit 143' TERM INT
free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}
)sh";
    for (const std::string& line : slurm.setup) {
        script += line + "\n";
    }
    script += startLines(commandFor(kind, settings));
    // Somebody may take the port between the look and the server: then another one.
    script += R"sh(log=$folder/log-$task
for _ in 1 2 3 4 5; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    free "$port" || continue
    before=$(wc -c <"$log" 2>/dev/null || echo 0)
    start &
    server=$!
    put "$folder/task-$task" "$me $port $SLURMD_NODENAME $(hostname -f 2>/dev/null)"
    wait "$server"
    code=$?
    server=
    rm -f "$folder/task-$task"
    tail -c "+$((before + 1))" "$log" 2>/dev/null |
        grep -qiE "address already in use|couldn't bind|failed to bind" || break
done
exit "${code:-1}"
)sh";
    return script;
}

} // namespace scrit::backend
