// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/render/math_typesetter.h"

#include <QByteArray>
#include <QString>

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

namespace scrit::ui::render {

struct MathKeyHash {
    [[nodiscard]] std::size_t operator()(const MathKey& key) const noexcept;
};

// Typeset formulas in memory, the least recently used dropped first when `maxBytes` are exceeded.
// One thread.
class MathMemoryCache {
public:
    explicit MathMemoryCache(std::size_t maxBytes) : m_maxBytes(maxBytes) {}

    // Null when absent; a hit becomes the most recently used.
    [[nodiscard]] MathResultPtr find(const MathKey& key);
    void insert(const MathKey& key, MathResultPtr result);
    [[nodiscard]] std::size_t bytes() const { return m_bytes; }
    [[nodiscard]] std::size_t size() const { return m_index.size(); }

private:
    struct Entry {
        MathKey key;
        MathResultPtr result;
        std::size_t bytes;
    };
    std::size_t m_maxBytes;
    std::size_t m_bytes = 0;
    std::list<Entry> m_entries; // most recently used first
    std::unordered_map<MathKey, std::list<Entry>::iterator, MathKeyHash> m_index;
};

// Bytes of a result as a cache file has them, and back. decode() gives null for anything that was
// not written by encode() for this very key: damage, another format, a hash collision.
[[nodiscard]] QByteArray encodeMathResult(const MathKey& key, const MathResult& result);
[[nodiscard]] MathResultPtr decodeMathResult(const MathKey& key, const QByteArray& bytes);

// One small file per formula in FOLDER/VERSION/xx/, written to a temporary name and renamed. A
// cache: failures are silent, a damaged file is removed, and nothing here is ever needed. When the
// folder holds more than `maxBytes`, the files unused for longest go, down to three quarters.
// Folders of other bundle versions are removed by open(). One thread at a time; several processes
// may share the folder.
class MathDiskCache {
public:
    MathDiskCache(QString folder, const QString& version, qint64 maxBytes);

    // Makes the folder, removes other versions, sums up what is there. Slow: not on the UI thread.
    void open();
    [[nodiscard]] MathResultPtr load(const MathKey& key);
    void save(const MathKey& key, const MathResult& result);
    [[nodiscard]] QString fileOf(const MathKey& key) const;
    [[nodiscard]] qint64 bytes() const { return m_bytes; }

private:
    void trim();

    QString m_root;
    QString m_folder;
    qint64 m_maxBytes;
    qint64 m_bytes = 0;
};

} // namespace scrit::ui::render
