# Finds libidn2, which brings no CMake package of its own: Libidn2::Libidn2.
find_path(Libidn2_INCLUDE_DIR NAMES idn2.h)
find_library(Libidn2_LIBRARY NAMES idn2)
mark_as_advanced(Libidn2_INCLUDE_DIR Libidn2_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libidn2 REQUIRED_VARS Libidn2_LIBRARY Libidn2_INCLUDE_DIR)

if(Libidn2_FOUND AND NOT TARGET Libidn2::Libidn2)
    add_library(Libidn2::Libidn2 UNKNOWN IMPORTED)
    set_target_properties(
        Libidn2::Libidn2 PROPERTIES IMPORTED_LOCATION "${Libidn2_LIBRARY}"
                                    INTERFACE_INCLUDE_DIRECTORIES "${Libidn2_INCLUDE_DIR}")
endif()
