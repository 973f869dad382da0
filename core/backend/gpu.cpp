// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/gpu.h"

#include "core/backend/child_process.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <thread>

namespace scrit::backend {
namespace {

constexpr std::uint64_t kMebi = std::uint64_t{1} << 20U;

template<typename Number>
std::optional<Number> numberIn(std::string_view text) {
    text = base::trimmed(text);
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty()
               ? std::optional(number)
               : std::nullopt;
}

base::Expected<Gpu> parseGpu(std::string_view line) {
    // A name may hold commas: the index is the first field, the memories are the last two.
    const std::size_t first = line.find(',');
    const std::size_t last = line.rfind(',');
    const std::size_t middle = last == std::string_view::npos || last == 0
                                   ? std::string_view::npos
                                   : line.rfind(',', last - 1);
    const auto index =
        first == std::string_view::npos ? std::nullopt : numberIn<int>(line.substr(0, first));
    if (!index || *index < 0 || middle == std::string_view::npos || middle <= first) {
        return base::fail(base::ErrorCode::Parse,
                          "nvidia-smi's answer could not be read: " + base::excerpt(line, 120),
                          "give the number of GPU layers yourself");
    }
    const auto total = numberIn<std::uint32_t>(line.substr(middle + 1, last - middle - 1));
    const auto free = numberIn<std::uint32_t>(line.substr(last + 1));
    Gpu gpu;
    gpu.index = *index;
    gpu.name = base::excerpt(base::makeVisibleUtf8(line.substr(first + 1, middle - first - 1)), 80);
    if (!total || !free || *free > *total) {
        return base::fail(base::ErrorCode::Parse,
                          "GPU " + std::to_string(gpu.index) + " (" + gpu.name +
                              ") does not say how much memory it has",
                          "give the number of GPU layers yourself");
    }
    gpu.totalBytes = *total * kMebi;
    gpu.freeBytes = *free * kMebi;
    return gpu;
}

// MemAvailable: what the kernel thinks that new programs can take without swapping.
std::uint64_t availableMemory() {
    std::ifstream file("/proc/meminfo");
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("MemAvailable:")) {
            const std::string_view rest = base::trimmed(std::string_view(line).substr(13));
            return numberIn<std::uint64_t>(rest.substr(0, rest.find(' '))).value_or(0) * 1024;
        }
    }
    return 0;
}

} // namespace

base::Expected<std::vector<Gpu>> parseGpus(std::string_view csv) {
    std::vector<Gpu> gpus;
    while (!csv.empty()) {
        const std::size_t end = std::min(csv.find('\n'), csv.size());
        const std::string_view line = base::trimmed(csv.substr(0, end));
        csv.remove_prefix(std::min(end + 1, csv.size()));
        if (line.empty()) {
            continue;
        }
        base::Expected<Gpu> gpu = parseGpu(line);
        if (!gpu) {
            return base::fail(std::move(gpu.error()));
        }
        gpus.push_back(std::move(*gpu));
    }
    return gpus;
}

std::vector<Gpu> visibleGpus(std::vector<Gpu> gpus, const char* visibleDevices) {
    if (visibleDevices == nullptr) {
        return gpus;
    }
    std::vector<Gpu> visible;
    std::string_view left = visibleDevices;
    while (!left.empty()) {
        const std::size_t end = std::min(left.find(','), left.size());
        const auto index = numberIn<int>(left.substr(0, end));
        left.remove_prefix(std::min(end + 1, left.size()));
        if (!index) {
            return gpus; // UUIDs; which one that is cannot be told here
        }
        const auto found = std::find_if(gpus.begin(), gpus.end(),
                                        [&](const Gpu& gpu) { return gpu.index == *index; });
        if (found == gpus.end()) {
            break; // CUDA ignores what follows an index that is not there
        }
        visible.push_back(*found);
    }
    return visible;
}

base::Expected<std::vector<Gpu>> queryGpus(int millis) {
    if (!findProgram("nvidia-smi")) {
        return std::vector<Gpu>{};
    }
    base::Expected<ChildProcess> child = ChildProcess::start(
        {"nvidia-smi",
         {"--query-gpu=index,name,memory.total,memory.free", "--format=csv,noheader,nounits"},
         {}});
    if (!child) {
        return base::fail(std::move(child.error()));
    }
    const std::int64_t deadline = base::steadyMillis() + millis;
    std::string output;
    std::optional<std::string> ended;
    while (!ended) {
        if (base::steadyMillis() > deadline) {
            return base::fail(base::ErrorCode::Limit, "nvidia-smi does not answer",
                              "look whether the GPU's driver hangs");
        }
        pollfd waiter{child->outputFd(), POLLIN, 0};
        poll(&waiter, 1, 20);
        output += child->readOutput();
        ended = child->ended();
        if (!ended && (waiter.revents & POLLHUP) != 0) {
            poll(nullptr, 0, 5); // it has closed its output and is about to end
        }
    }
    output += child->readOutput();
    if (output.find("No devices were found") != std::string::npos) {
        return std::vector<Gpu>{};
    }
    if (*ended != "exit code 0") {
        return base::fail(base::ErrorCode::Unavailable,
                          "nvidia-smi ended with " + *ended + ": " + base::excerpt(output, 200),
                          "look at the GPU's driver");
    }
    base::Expected<std::vector<Gpu>> gpus = parseGpus(output);
    return gpus ? visibleGpus(std::move(*gpus), std::getenv("CUDA_VISIBLE_DEVICES")) : gpus;
}

Machine thisMachine() {
    Machine machine;
    base::Expected<std::vector<Gpu>> gpus = queryGpus();
    if (gpus) {
        machine.gpus = std::move(*gpus);
    } else {
        machine.gpuError = gpus.error().text();
    }
    machine.freeMemory = availableMemory();
    machine.processors = static_cast<int>(std::thread::hardware_concurrency());
    return machine;
}

std::string bytesText(std::uint64_t bytes) {
    static constexpr std::array<const char*, 4> kUnits{"B", "KiB", "MiB", "GiB"};
    std::size_t unit = 0;
    std::uint64_t scale = 1;
    while (unit + 1 < kUnits.size() && bytes >= scale * 1024) {
        scale *= 1024;
        ++unit;
    }
    const std::uint64_t whole = bytes / scale;
    if (unit < 3) {
        return std::to_string(whole) + " " + kUnits.at(unit);
    }
    const std::uint64_t tenth = bytes % scale * 10 / scale;
    return std::to_string(whole) + "." + std::to_string(tenth) + " " + kUnits.at(unit);
}

} // namespace scrit::backend
