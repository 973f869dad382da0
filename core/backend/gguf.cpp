// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/gguf.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>

namespace scrit::backend {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxEntries = 1'000'000; // metadata keys, tensors
constexpr std::uint64_t kMaxText = std::uint64_t{1} << 20U;
constexpr std::uint32_t kMaxDimensions = 8;
constexpr int kMaxParts = 1000;

enum class ValueType : std::uint32_t {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    String,
    Array,
    U64,
    I64,
    F64
};

// Bytes of a value of fixed size; 0 for texts and arrays.
std::uint64_t sizeOf(ValueType type) {
    switch (type) {
    case ValueType::U8:
    case ValueType::I8:
    case ValueType::Bool:
        return 1;
    case ValueType::U16:
    case ValueType::I16:
        return 2;
    case ValueType::U32:
    case ValueType::I32:
    case ValueType::F32:
        return 4;
    case ValueType::U64:
    case ValueType::I64:
    case ValueType::F64:
        return 8;
    case ValueType::String:
    case ValueType::Array:
        break;
    }
    return 0;
}

struct Tensor {
    std::uint64_t offset = 0;
    bool inLayer = false;
};

// Reads with a memory of failure: after one, everything is zero and empty.
class Cursor {
public:
    Cursor(std::istream& file, std::uint64_t size) : m_file(file), m_size(size) {}

    [[nodiscard]] bool ok() const { return m_problem.empty(); }
    [[nodiscard]] const std::string& problem() const { return m_problem; }
    [[nodiscard]] std::uint64_t position() const { return m_at; }
    [[nodiscard]] std::uint64_t left() const { return m_size - m_at; }
    void fail(std::string problem) { m_problem = ok() ? std::move(problem) : m_problem; }

    void skip(std::uint64_t count) {
        constexpr std::uint64_t kNear = 16384; // a seek would throw the stream's buffer away
        if (!take(count)) {
            return;
        }
        if (count <= kNear) {
            m_file.ignore(static_cast<std::streamsize>(count));
        } else {
            m_file.seekg(static_cast<std::streamoff>(m_at));
        }
        if (!m_file) {
            fail("it ends in the middle of its header");
        }
    }
    [[nodiscard]] std::uint64_t number(std::uint64_t bytes) {
        std::array<char, 8> buffer{};
        if (!take(bytes) || !m_file.read(buffer.data(), static_cast<std::streamsize>(bytes))) {
            fail("it ends in the middle of its header");
            return 0;
        }
        std::uint64_t value = 0;
        for (std::uint64_t i = bytes; i > 0; --i) {
            value = value << 8U | static_cast<unsigned char>(buffer.at(i - 1));
        }
        return value;
    }
    [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    [[nodiscard]] std::uint64_t u64() { return number(8); }
    [[nodiscard]] std::string text() {
        const std::uint64_t size = u64();
        if (size > kMaxText) {
            fail("a text in its header is longer than any can be");
        }
        if (!take(size)) {
            return {};
        }
        std::string text(size, '\0');
        if (!m_file.read(text.data(), static_cast<std::streamsize>(size))) {
            fail("it ends in the middle of its header");
            return {};
        }
        return text;
    }
    void skipText() { skip(u64()); }

private:
    // Moves on by `count` bytes if the file is that long.
    bool take(std::uint64_t count) {
        if (!ok()) {
            return false;
        }
        if (count > left()) {
            fail("it ends in the middle of its header");
            return false;
        }
        m_at += count;
        return true;
    }

    std::istream& m_file;
    std::uint64_t m_size;
    std::uint64_t m_at = 0;
    std::string m_problem;
};

class HeaderReader {
public:
    HeaderReader(std::istream& file, std::uint64_t fileBytes) : m_cursor(file, fileBytes) {
        m_info.fileBytes = fileBytes;
    }

    base::Expected<GgufInfo> read() {
        const std::uint32_t magic = m_cursor.u32();
        if (!m_cursor.ok() || magic != 0x46554747U) { // "GGUF"
            return corrupt("it is no GGUF file");
        }
        const std::uint32_t version = m_cursor.u32();
        if (version != 2 && version != 3) {
            return base::fail(version > 3 && version < 1000 ? base::ErrorCode::NewerSchema
                                                            : base::ErrorCode::Corrupt,
                              "GGUF version " + std::to_string(version) + " is not known here",
                              "convert the model again with a current llama.cpp");
        }
        const std::uint64_t tensors = m_cursor.u64();
        const std::uint64_t keys = m_cursor.u64();
        if (tensors > kMaxEntries || keys > kMaxEntries) {
            return corrupt("its header claims more entries than any file has");
        }
        for (std::uint64_t i = 0; i < keys && m_cursor.ok(); ++i) {
            readKey();
        }
        readTensors(tensors);
        if (!m_cursor.ok()) {
            return corrupt(m_cursor.problem());
        }
        complete();
        return m_info;
    }

private:
    static tl::unexpected<base::Error> corrupt(std::string what) {
        return base::fail(base::ErrorCode::Corrupt, std::move(what), "download the file again");
    }

    void readKey() {
        const std::string key = m_cursor.text();
        const auto type = static_cast<ValueType>(m_cursor.u32());
        if (type == ValueType::String) {
            if (key == "general.architecture") {
                m_info.architecture = base::makeVisibleUtf8(m_cursor.text());
            } else if (key == "general.name") {
                m_info.name = base::makeVisibleUtf8(m_cursor.text());
            } else if (key == "general.type") {
                m_info.isAdapter = m_cursor.text() == "adapter";
            } else {
                m_info.hasChatTemplate = m_info.hasChatTemplate || key == "tokenizer.chat_template";
                m_cursor.skipText();
            }
        } else if (type == ValueType::Array) {
            readArray(key);
        } else if (const std::uint64_t size = sizeOf(type); size > 0) {
            takeNumber(key, type, m_cursor.number(size));
        } else {
            m_cursor.fail("its header holds a value of a kind that is not known");
        }
    }

    void readArray(const std::string& key) {
        const auto type = static_cast<ValueType>(m_cursor.u32());
        const std::uint64_t count = m_cursor.u64();
        if (type == ValueType::String) {
            for (std::uint64_t i = 0; i < count && m_cursor.ok(); ++i) {
                m_cursor.skipText();
            }
            return;
        }
        const std::uint64_t size = sizeOf(type);
        if (size == 0 || count > m_cursor.left() / size) {
            m_cursor.fail("a list in its header is longer than the file");
            return;
        }
        // Some models have another number of heads in each layer: the largest is what a slot needs.
        if (key.ends_with(".attention.head_count_kv") || key.ends_with(".attention.head_count")) {
            std::uint64_t most = 0;
            for (std::uint64_t i = 0; i < count && m_cursor.ok(); ++i) {
                most = std::max(most, m_cursor.number(size));
            }
            takeNumber(key, ValueType::U32, most);
        } else {
            m_cursor.skip(count * size);
        }
    }

    void takeNumber(std::string_view key, ValueType type, std::uint64_t value) {
        if (type == ValueType::F32 || type == ValueType::F64 || type == ValueType::Bool ||
            value > 1'000'000'000) {
            return; // no count that a plan could use
        }
        const auto count = static_cast<std::int64_t>(value);
        if (key == "general.alignment") {
            m_alignment = std::max<std::uint64_t>(value, 1);
        } else if (key == "split.count") {
            m_info.parts = std::max<std::int64_t>(count, 1);
        } else if (key.ends_with(".block_count")) {
            m_info.layers = count;
        } else if (key.ends_with(".embedding_length")) {
            m_info.embedding = count;
        } else if (key.ends_with(".attention.head_count")) {
            m_info.heads = count;
        } else if (key.ends_with(".attention.head_count_kv")) {
            m_info.kvHeads = count;
        } else if (key.ends_with(".attention.key_length")) {
            m_info.keyLength = count;
        } else if (key.ends_with(".attention.value_length")) {
            m_info.valueLength = count;
        } else if (key.ends_with(".context_length")) {
            m_info.trainedContext = count;
        }
    }

    void readTensors(std::uint64_t count) {
        std::vector<Tensor> tensors;
        for (std::uint64_t i = 0; i < count && m_cursor.ok(); ++i) {
            Tensor tensor;
            tensor.inLayer = m_cursor.text().starts_with("blk.");
            const std::uint32_t dimensions = m_cursor.u32();
            if (dimensions > kMaxDimensions) {
                m_cursor.fail("a tensor has more dimensions than any can have");
                return;
            }
            m_cursor.skip(std::uint64_t{dimensions} * 8 + 4); // extents and type
            tensor.offset = m_cursor.u64();
            tensors.push_back(tensor);
        }
        if (!m_cursor.ok() || tensors.empty()) {
            return;
        }
        // Sizes follow from where the next tensor begins, whatever its type of numbers.
        const std::uint64_t padding =
            (m_alignment - m_cursor.position() % m_alignment) % m_alignment;
        const std::uint64_t data = m_cursor.left() > padding ? m_cursor.left() - padding : 0;
        std::sort(tensors.begin(), tensors.end(),
                  [](const Tensor& a, const Tensor& b) { return a.offset < b.offset; });
        if (tensors.back().offset >= data) {
            m_cursor.fail("it is cut off: tensors are missing at its end");
            return;
        }
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            const std::uint64_t end = i + 1 < tensors.size() ? tensors[i + 1].offset : data;
            const std::uint64_t bytes = end - tensors[i].offset;
            m_info.tensorBytes += bytes;
            m_info.layerBytes += tensors[i].inLayer ? bytes : 0;
        }
    }

    void complete() {
        m_info.kvHeads = m_info.kvHeads > 0 ? m_info.kvHeads : m_info.heads;
        if (m_info.heads > 0) {
            const std::int64_t each = m_info.embedding / m_info.heads;
            m_info.keyLength = m_info.keyLength > 0 ? m_info.keyLength : each;
            m_info.valueLength = m_info.valueLength > 0 ? m_info.valueLength : each;
        }
    }

    Cursor m_cursor;
    GgufInfo m_info;
    std::uint64_t m_alignment = 32;
};

base::Expected<GgufInfo> readOne(const fs::path& path) {
    std::error_code error;
    const bool isFile = fs::is_regular_file(path, error);
    if (!isFile) {
        return base::fail(base::ErrorCode::NotFound,
                          "there is no model file " + base::makeVisibleUtf8(path.string()),
                          "give the path of a GGUF file");
    }
    const std::uintmax_t size = fs::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
        return base::fail(
            base::systemError(error ? error.value() : errno, "cannot read", path.string()));
    }
    base::Expected<GgufInfo> info = readGguf(file, size);
    if (!info) {
        return base::fail(info.error().withContext(base::makeVisibleUtf8(path.string())));
    }
    return info;
}

// "NAME-00001-of-00003.gguf" with 2: "NAME-00002-of-00003.gguf"; nothing for other names.
std::optional<fs::path> partOf(const fs::path& first, std::int64_t number) {
    std::string name = first.filename().string();
    const std::size_t at = name.rfind("-00001-of-");
    if (at == std::string::npos) {
        return std::nullopt;
    }
    const std::string digits = std::to_string(number);
    name.replace(at + 6 - digits.size(), digits.size(), digits);
    return first.parent_path() / name;
}

} // namespace

base::Expected<GgufInfo> readGguf(std::istream& file, std::uint64_t fileBytes) {
    if (fileBytes > static_cast<std::uint64_t>(std::numeric_limits<std::streamoff>::max())) {
        return base::fail(base::ErrorCode::Corrupt, "it is larger than any file");
    }
    return HeaderReader(file, fileBytes).read();
}

base::Expected<GgufInfo> readGgufFile(const fs::path& path) {
    base::Expected<GgufInfo> info = readOne(path);
    if (!info || info->parts <= 1) {
        return info;
    }
    if (info->parts > kMaxParts || !partOf(path, 1)) {
        return base::fail(base::ErrorCode::Invalid,
                          base::makeVisibleUtf8(path.string()) + " is a part of a model",
                          "give the first part, NAME-00001-of-NNNNN.gguf");
    }
    for (std::int64_t number = 2; number <= info->parts; ++number) {
        const base::Expected<GgufInfo> part = readOne(*partOf(path, number));
        if (!part) {
            return base::fail(part.error());
        }
        info->fileBytes += part->fileBytes;
        info->tensorBytes += part->tensorBytes;
        info->layerBytes += part->layerBytes;
    }
    return info;
}

} // namespace scrit::backend
