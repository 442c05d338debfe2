#pragma once

#include <chrono>
#include <filesystem>

namespace onboard::sqlite {

// A file beside the database whose bytes are locks between processes. The locks belong to this object (open file
// description locks), not to the process, and go when it goes, however that happens.
class LockFile {
public:
    enum class Part : short { writer = 0, server = 1 };

    // Makes the file with mode 0600 if it is missing. Throws StorageFailure.
    explicit LockFile(std::filesystem::path const&);
    ~LockFile();
    LockFile(LockFile const&) = delete;
    LockFile& operator=(LockFile const&) = delete;

    // Whether the lock was to be had before patience ran out.
    bool lock(Part, std::chrono::milliseconds patience);
    void unlock(Part);

    // Open as long as this object lives.
    int descriptor() const noexcept { return descriptor_; }

private:
    bool set(Part, short type) const;

    int descriptor_;
};

}
