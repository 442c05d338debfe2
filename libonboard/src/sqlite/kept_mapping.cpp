#include "kept_mapping.hpp"

#include <sys/mman.h>

namespace onboard::sqlite {

namespace {

constexpr sqlite3_int64 smallest_page = 512;  // https://www.sqlite.org/fileformat2.html, section 1.3.2
constexpr sqlite3_int64 beyond_page = 256;  // SQLite may look as far past a damaged page (unixFetch in its os_unix.c)

}

KeptMapping::~KeptMapping()
{
    unmap();
}

void KeptMapping::keep(sqlite3* connection)
{
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)) != SQLITE_OK ||
        !file->pMethods || file->pMethods->iVersion < 3)
        return;
    static_cast<sqlite3_io_methods&>(methods_) = *file->pMethods;
    methods_.original = file->pMethods;
    methods_.mapping = this;
    methods_.xFetch = fetch;
    methods_.xUnfetch = unfetch;
    file->pMethods = &methods_;
}

int KeptMapping::fetch(sqlite3_file* file, sqlite3_int64 offset, int length, void** page)
{
    auto& mapping = of(file);
    auto const end = offset + length + beyond_page;
    if (end > mapping.size_ && mapping.pages_in_use_ == 0)
        mapping.map(file);
    *page = nullptr;
    if (end <= mapping.size_) {
        *page = mapping.start_ + offset;
        ++mapping.pages_in_use_;
    }
    return SQLITE_OK;
}

// Without a page it is the whole mapping that has to go.
int KeptMapping::unfetch(sqlite3_file* file, sqlite3_int64, void* page)
{
    auto& mapping = of(file);
    if (page)
        --mapping.pages_in_use_;
    else if (size_of(file) != mapping.size_)
        mapping.unmap();
    return SQLITE_OK;
}

sqlite3_int64 KeptMapping::size_of(sqlite3_file* file)
{
    sqlite3_int64 size = 0;
    return file->pMethods->xFileSize(file, &size) == SQLITE_OK ? size : 0;
}

// To map a file takes a descriptor of it, and to close one of our own would drop every lock that this process has on the
// file. So SQLite maps its beginning, and Linux makes another mapping, of any length, of what a shared one shows: that is
// what mremap(2) does where the old size is none.
void KeptMapping::map(sqlite3_file* file)
{
    auto const size = size_of(file);
    if (size == size_)
        return;
    unmap();
    auto const& original = *static_cast<Methods const*>(file->pMethods)->original;
    void* beginning = nullptr;
    if (original.xFetch(file, 0, smallest_page, &beginning) != SQLITE_OK || !beginning)
        return;
    auto* const whole = ::mremap(beginning, 0, static_cast<std::size_t>(size), MREMAP_MAYMOVE);
    original.xUnfetch(file, 0, beginning);
    if (whole == MAP_FAILED)
        return;
    start_ = static_cast<std::byte*>(whole);
    size_ = size;
}

void KeptMapping::unmap()
{
    if (start_)
        ::munmap(start_, static_cast<std::size_t>(size_));
    start_ = nullptr;
    size_ = 0;
}

}
