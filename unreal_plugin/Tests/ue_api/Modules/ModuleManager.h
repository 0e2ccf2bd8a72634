#pragma once

#include "CoreMinimal.h"

/** IModuleInterface */
class IModuleInterface
{
public:
	virtual ~IModuleInterface() = default;
	virtual void StartupModule() {}
	virtual void ShutdownModule() {}
};

/** FModuleManager */
class FModuleManager
{
public:
	template <typename T> static T& LoadModuleChecked(const FName ModuleName);
	template <typename T> static T* GetModulePtr(const FName ModuleName);
};

/** FDefaultModuleImpl */
class FDefaultModuleImpl : public IModuleInterface
{
};

#define IMPLEMENT_MODULE(Class, Name) IModuleInterface* Make##Name() { return new Class; }
