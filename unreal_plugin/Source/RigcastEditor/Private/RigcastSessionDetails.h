#pragma once

#include "IDetailCustomization.h"

/** Details of a Rigcast Session: where the connection stands, what went wrong last, and buttons. Game thread. */
class FRigcastSessionDetails : public IDetailCustomization
{
public:
	static TSharedRef<IDetailCustomization> MakeInstance();

	// IDetailCustomization
	virtual void CustomizeDetails(IDetailLayoutBuilder& Layout) override;
};
