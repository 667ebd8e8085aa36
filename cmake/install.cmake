# Where things are installed, and how. A static and a shared build can be installed into one prefix:
# each brings its own targets files, and find_package(cicada) finds both.

include(CMakePackageConfigHelpers)

set(cicada_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cicada)
set(cicada_kind static)
if(BUILD_SHARED_LIBS)
    set(cicada_kind shared)
endif()

# cicada_install_pc(<name> <description> <other packages> <flags to link>): the file <name>.pc. It
# finds the prefix from where it lies itself.
function(cicada_install_pc name description requires libraries)
    foreach(dir libdir includedir)
        string(TOUPPER ${dir} upper)
        cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_${upper} BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}
            OUTPUT_VARIABLE ${dir})
    endforeach()
    set(pc_dir ${libdir}/pkgconfig)
    cmake_path(RELATIVE_PATH libdir BASE_DIRECTORY ${pc_dir} OUTPUT_VARIABLE pc_libdir)
    cmake_path(RELATIVE_PATH includedir BASE_DIRECTORY ${pc_dir} OUTPUT_VARIABLE pc_includedir)
    list(JOIN requires ", " requires)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/cicada.pc.in ${name}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

# cicada_install_core(): after the components have said what is theirs.
function(cicada_install_core)
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include
        ${PROJECT_SOURCE_DIR}/include/*.hpp)
    foreach(header IN LISTS headers)
        if(NOT ${PROJECT_SOURCE_DIR}/include/${header} IN_LIST cicada_component_headers)
            cmake_path(GET header PARENT_PATH folder)
            install(FILES include/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder})
        endif()
    endforeach()
    install(TARGETS cicada EXPORT cicada)
    install(EXPORT cicada NAMESPACE cicada:: DESTINATION ${cicada_package_dir}
        FILE cicada-${cicada_kind}-targets.cmake)
    cicada_install_pc(cicada "${PROJECT_DESCRIPTION}" "" " -lcicada -pthread")

    write_basic_package_version_file(cicada-config-version.cmake COMPATIBILITY SameMinorVersion)
    install(FILES cmake/cicada-config.cmake
                  ${CMAKE_CURRENT_BINARY_DIR}/cicada-config-version.cmake
        DESTINATION ${cicada_package_dir})
endfunction()
