// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/trainer_module.h"

#include <dlfcn.h>

#include <cstdlib>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

namespace scrit::mini {
namespace {

namespace fs = std::filesystem;

constexpr char kFile[] = "scrit-torch.so";

#ifdef SCRIT_TORCH_BUILT
base::Expected<const TorchModule*> open(const fs::path& file) {
    const auto unusable = [&](const std::string& why) {
        return base::fail(base::ErrorCode::Unavailable,
                          "the module for training, " + file.string() + ", cannot be used: " + why,
                          "install LibTorch (Debian: libtorch1.13) or build the program again");
    };
    void* const library = ::dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) {
        return unusable(::dlerror());
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what dlsym is for
    const auto entry =
        reinterpret_cast<const TorchModule* (*)()>(::dlsym(library, kTorchModuleEntry));
    if (entry == nullptr) {
        return unusable("it is something else");
    }
    const TorchModule* const module = entry();
    if (module == nullptr || module->version != kTorchModuleVersion) {
        return unusable("it belongs to another version of the program");
    }
    return module;
}
#endif

base::Error notThere() {
#ifdef SCRIT_TORCH_BUILT
    std::string what = "the module for training, ";
    what += kFile;
    what += ", was not found";
    return {base::ErrorCode::Unavailable, std::move(what),
            "install the program again, or set SCRIT_TORCH_MODULE to the file"};
#else
    return {base::ErrorCode::Unavailable,
            "this program was built without LibTorch: the miniature can be sampled, not trained",
            "install libtorch-dev and libopenblas0 and build with SCRIT_WITH_TORCH=ON"};
#endif
}

base::Expected<const TorchModule*> findAndOpen() {
#ifdef SCRIT_TORCH_BUILT
    for (const fs::path& place : torchModulePlaces()) {
        std::error_code error;
        if (fs::exists(place, error)) {
            return open(place);
        }
    }
#endif
    return base::fail(notThere());
}

} // namespace

std::vector<fs::path> torchModulePlaces() {
    if (const char* chosen = std::getenv("SCRIT_TORCH_MODULE");
        chosen != nullptr && *chosen != '\0') {
        return {chosen};
    }
    std::vector<fs::path> places;
    std::error_code error;
    if (const fs::path self = fs::read_symlink("/proc/self/exe", error); !error) {
        places.push_back(self.parent_path() / kFile);
        places.push_back(self.parent_path() / SCRIT_TORCH_FROM_PROGRAM / kFile);
    }
    places.push_back(fs::path(SCRIT_TORCH_INSTALLED) / kFile);
    places.push_back(fs::path(SCRIT_TORCH_IN_BUILD) / kFile);
    return places;
}

base::Expected<const TorchModule*> torchModule() {
    static std::mutex mutex;
    static const TorchModule* module = nullptr; // NOLINT: opened once
    const std::scoped_lock lock(mutex);
    if (module == nullptr) {
        auto opened = findAndOpen();
        if (!opened) {
            return opened;
        }
        module = *opened;
    }
    return module;
}

base::Expected<std::unique_ptr<Decoder>>
torchDecoder(const Network& network, const std::string& device, int slots, int capacity) {
    if (device != "cuda" && device != "torch-cpu") {
        return base::fail(base::ErrorCode::Invalid, "there is no device “" + device + "”",
                          "use cpu, cuda or torch-cpu");
    }
    const auto module = torchModule();
    if (!module) {
        return base::fail(module.error());
    }
    return (*module)->decoder(network.shape(), network.values(), device == "cuda" ? "cuda" : "cpu",
                              slots, capacity);
}

} // namespace scrit::mini
