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

/** FDefaultModuleImpl */
class FDefaultModuleImpl : public IModuleInterface
{
};

#define IMPLEMENT_MODULE(Class, Name) IModuleInterface* Make##Name() { return new Class; }
