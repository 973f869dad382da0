// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/pack_file.h"

#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

namespace scrit::review {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

constexpr std::size_t kBlock = 256 * 1024;
constexpr std::size_t kMaxLine = 64 * 1024 * 1024;
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";
constexpr int kLevel = 6;

} // namespace

struct PackWriter::Compressor {
    std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), &ZSTD_freeCCtx};
    std::vector<char> out = std::vector<char>(ZSTD_CStreamOutSize());
};

PackWriter::PackWriter(base::AtomicFile file) : m_file(std::move(file)) {}
PackWriter::~PackWriter() = default;

Expected<std::unique_ptr<PackWriter>> PackWriter::create(const std::filesystem::path& path) {
    auto file = base::AtomicFile::create(path);
    if (!file) {
        return fail(std::move(file.error()));
    }
    std::unique_ptr<PackWriter> writer(new PackWriter(std::move(*file)));
    if (path.extension() == ".zst") {
        writer->m_compressor = std::make_unique<Compressor>();
        if (!writer->m_compressor->context) {
            return fail(ErrorCode::Limit, "cannot compress: out of memory");
        }
        ZSTD_CCtx_setParameter(writer->m_compressor->context.get(), ZSTD_c_compressionLevel,
                               kLevel);
        ZSTD_CCtx_setParameter(writer->m_compressor->context.get(), ZSTD_c_checksumFlag, 1);
    }
    return writer;
}

Expected<void> PackWriter::put(std::string_view bytes, bool last) {
    if (!m_compressor) {
        return m_file.write(bytes);
    }
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool done = false;
    while (!done) {
        ZSTD_outBuffer out{m_compressor->out.data(), m_compressor->out.size(), 0};
        const std::size_t left = ZSTD_compressStream2(m_compressor->context.get(), &out, &in,
                                                      last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left) != 0) {
            return fail(ErrorCode::Internal,
                        std::string("cannot compress: ") + ZSTD_getErrorName(left));
        }
        if (auto written = m_file.write({m_compressor->out.data(), out.pos}); !written) {
            return written;
        }
        done = last ? left == 0 : in.pos == in.size;
    }
    return {};
}

Expected<void> PackWriter::line(std::string_view text) {
    auto written = put(text, false);
    return written ? put("\n", false) : std::move(written);
}

Expected<void> PackWriter::commit() {
    auto ended = put({}, true);
    return ended ? m_file.commit() : std::move(ended);
}

struct PackReader::State {
    std::string path;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{nullptr, &std::fclose};
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{nullptr, &ZSTD_freeDCtx};
    std::vector<char> raw = std::vector<char>(kBlock); // bytes of the file
    std::size_t rawBegin = 0;
    std::size_t rawEnd = 0;
    bool fileEnded = false;
    bool frameEnded = true; // of compressed data: it may end here
    bool pending = false;   // the decompressor may hold text that had no room
    std::string text;       // not given out yet from `begin` on
    std::size_t begin = 0;
};

PackReader::PackReader(std::unique_ptr<State> state) : m_state(std::move(state)) {}
PackReader::~PackReader() = default;

Expected<std::unique_ptr<PackReader>> PackReader::open(const std::filesystem::path& path) {
    auto state = std::make_unique<State>();
    state->path = path.string();
    state->file.reset(std::fopen(path.c_str(), "rbe"));
    if (!state->file) {
        return fail(base::systemError(errno, "cannot read", state->path));
    }
    state->rawEnd = std::fread(state->raw.data(), 1, state->raw.size(), state->file.get());
    if (state->rawEnd == 0 && std::ferror(state->file.get()) != 0) {
        return fail(base::systemError(errno, "cannot read", state->path));
    }
    if (std::string_view(state->raw.data(), state->rawEnd).starts_with(kZstdMagic)) {
        state->context.reset(ZSTD_createDCtx());
        if (!state->context) {
            return fail(ErrorCode::Limit, "cannot read " + state->path + ": out of memory");
        }
    }
    return std::unique_ptr<PackReader>(new PackReader(std::move(state)));
}

// Adds more text; false at the end of the file.
Expected<bool> PackReader::fill() {
    State& state = *m_state;
    if (state.rawBegin == state.rawEnd && !state.fileEnded && !state.pending) {
        state.rawBegin = 0;
        state.rawEnd = std::fread(state.raw.data(), 1, state.raw.size(), state.file.get());
        if (state.rawEnd == 0) {
            if (std::ferror(state.file.get()) != 0) {
                return fail(base::systemError(errno, "cannot read", state.path));
            }
            state.fileEnded = true;
        }
    }
    if (!state.context) {
        state.text.append(state.raw.data() + state.rawBegin, state.rawEnd - state.rawBegin);
        state.rawBegin = state.rawEnd;
        return !state.fileEnded;
    }
    if (state.fileEnded && !state.pending) {
        return state.frameEnded
                   ? Expected<bool>(false)
                   : fail(ErrorCode::Parse, state.path + " is cut off", "fetch the file again");
    }
    std::vector<char> plain(ZSTD_DStreamOutSize());
    ZSTD_inBuffer in{state.raw.data(), state.rawEnd, state.rawBegin};
    ZSTD_outBuffer out{plain.data(), plain.size(), 0};
    const std::size_t left = ZSTD_decompressStream(state.context.get(), &out, &in);
    if (ZSTD_isError(left) != 0) {
        return fail(ErrorCode::Parse, state.path + " is damaged (" + ZSTD_getErrorName(left) + ")",
                    "fetch the file again");
    }
    state.frameEnded = left == 0;
    state.pending = out.pos == out.size;
    state.rawBegin = in.pos;
    state.text.append(plain.data(), out.pos);
    return true;
}

Expected<std::optional<std::string>> PackReader::line() {
    State& state = *m_state;
    std::size_t searched = state.begin;
    for (;;) {
        const std::size_t end = state.text.find('\n', searched);
        if (end != std::string::npos) {
            std::string line = state.text.substr(state.begin, end - state.begin);
            state.begin = end + 1;
            return line;
        }
        state.text.erase(0, state.begin);
        state.begin = 0;
        searched = state.text.size();
        if (searched > kMaxLine) {
            return fail(ErrorCode::Limit, state.path + " has a line of more than 64 MiB",
                        "this is no review pack");
        }
        const Expected<bool> more = fill();
        if (!more) {
            return fail(more.error());
        }
        if (!*more) {
            return state.text.empty() ? std::nullopt
                                      : std::optional(std::exchange(state.text, std::string()));
        }
    }
}

} // namespace scrit::review
